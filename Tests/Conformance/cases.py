"""The list of cases, and how one is added to it."""

import collections

Case = collections.namedtuple("Case", "name is_slow function")

ALL = []


def case(name, slow=False):
    """A case, named as the sentence that it shows; a slow one waits most of the time, beside the others."""
    def add(function):
        ALL.append(Case(name, slow, function))
        return function
    return add
