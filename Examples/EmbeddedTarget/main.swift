print("embedded")
