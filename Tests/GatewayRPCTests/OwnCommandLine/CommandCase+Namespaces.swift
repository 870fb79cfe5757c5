// The rows for namespaces.

import Glibc

extension CommandCase {
    static let namespaces = [
        CommandCase("ns list", 0, "No namespaces.", "gatewayd namespace add"),
        CommandCase("namespace add -n $G -p rbd -i img1", 0, "Added namespace 1 to $G."),
        CommandCase("namespace add -n $G -p rbd -i img1", EEXIST, "rbd/img1 is already used"),
        CommandCase("namespace add -n $G -p rbd -i img1 --force", 0, "Added namespace 2 to $G."),
        CommandCase(
            "namespace add --subsystem $G --nsid 5 --uuid $U --rbd-pool rbd --rbd-image new "
                + "--rbd-create-image --size 16M --block-size 4096 --load-balancing-group 1 "
                + "--no-auto-visible --rbd-trash-image-on-delete --location here --read-only "
                + "--disable-auto-resize", 0, "Added namespace 5"),
        CommandCase("ns add -n $G -p rbd -i img2 --nsid 5", EEXIST, "ID 5 is already in use"),
        CommandCase("ns add -n $G -p rbd -i img2 -l 9", ENODEV, "group 9 doesn't exist"),
        CommandCase("ns add -n $G -p rbd -i nothing", ENODEV, "doesn't exist"),
        CommandCase(
            "ns create -n $G -p rbd -i img2 -c --size 64 --rbd-data-pool rbd", 0, "Added namespace 3"),
        CommandCase("ns add -n $G -p rbd -i img3 -s 1000", usage, "512 or 4096"),
        CommandCase("ns add -n $G -p rbd -i img3 --nsid 0", usage, "begins with 1"),
        CommandCase("ns add -n $G -p rbd -i img3 -c", usage, "needs --size"),
        CommandCase("ns add -n $G -p rbd -i img3 --size 1G", usage, "--rbd-create-image creates"),
        CommandCase("ns add -n $G -p rbd -i img3 -c --size 1K", usage, "--size"),
        CommandCase("ns add -n $G -p rbd -i img3 -r space", ENODEV, "rbd/space/img3"),
        CommandCase("ns add -n $G -p rbd -i img3 --rados-namespace space -c --size 1M", 0),
        CommandCase("namespace list", 0, "SUBSYSTEM", "rbd/img1", "16 MiB", "4 KiB", "read-only, trash"),
        CommandCase("namespace list --subsystem $G --nsid 5", 0, "rbd/new"),
        CommandCase("namespace list -n $G --uuid $U", 0, "rbd/new"),
        CommandCase("ns list --nsid 77", 0, "No such namespace."),
        CommandCase("ns list -n nqn.2016-06.io.spdk:nobody", ENODEV, "No such device"),
        CommandCase("namespace resize -n $G --nsid 5 --size 32M", 0, "is 32 MiB now"),
        CommandCase("namespace resize --subsystem $G --nsid 5 --size 16", EINVAL, "smaller than current"),
        CommandCase("ns resize -n $G --nsid 5 --size 1K", usage, "--size"),
        CommandCase("ns resize -n $G --nsid 0 --size 1G", usage, "begins with 1"),
        CommandCase("ns refresh_size -n $G --nsid 5", 0, "is the image's"),
        CommandCase("ns refresh_size -n $G --nsid 77", ENODEV),
        CommandCase("ns set_auto_resize -n $G --nsid 5 --auto-resize-enabled yes", 0, "yes"),
        CommandCase("ns set_auto_resize -n $G --nsid 77 --auto-resize-enabled 0", ENODEV),
        CommandCase("ns set_auto_resize -n $G --nsid 5 --auto-resize-enabled maybe", usage, "yes", "no"),
        CommandCase(
            "namespace set_qos --subsystem $G --nsid 5 --rw-ios-per-second 1500 --rw-megabytes-per-second 30 "
                + "--r-megabytes-per-second 10 --w-megabytes-per-second 20 --force", 0, "Changed the limits"),
        CommandCase("ns list -n $G --nsid 5", 0, "2000 IO/s, 30 MB/s, 10 MB/s read, 20 MB/s write"),
        CommandCase("ns set-qos -n $G --nsid 5 --rw-ios-per-second 0", 0),
        CommandCase("ns set_qos -n $G --nsid 5", usage, "at least one limit"),
        CommandCase("ns set_qos -n $G --nsid 77 --rw-ios-per-second 1000", ENODEV, "Can't find namespace"),
        CommandCase("ns get_io_stats -n $G --nsid 5", 0, "read", "28 KiB", "100 us", "Internal Error: 1"),
        CommandCase("ns get_io_stats -n $G --nsid 77", ENODEV, "Can't find namespace"),
        CommandCase("ns change_load_balancing_group -n $G --nsid 5 -l 1", 0, "is 1 now"),
        CommandCase("ns change_load_balancing_group -n $G --nsid 5 -l 9", ENODEV, "group 9 doesn't exist"),
        CommandCase("ns change_load_balancing_group -n $G --nsid 5 -l 0", usage, "begins with 1"),
        CommandCase("ns change_location -n $G --nsid 5 --location dc2", 0, "is dc2 now"),
        CommandCase("ns change_location -n $G --nsid 77", ENODEV),
        CommandCase("ns list_locations", 0, "dc2"),
        CommandCase("ns add_host -n $G --nsid 5 -t $H $H2", 0, "Host $H sees namespace 5 of $G."),
        CommandCase("ns list_hosts -n $G --nsid 5", 0, "$H", "$H2"),
        CommandCase("ns list_hosts -n $G --nsid 1", 0, "All hosts of the subsystem see it."),
        CommandCase("ns list_hosts -n $G --nsid 77", ENODEV, "There is no namespace 77"),
        CommandCase("ns add-host -n $G --nsid 1 --host-nqn $H", EINVAL, "visible to all hosts"),
        CommandCase("ns del_host -n $G --nsid 5 -t $H2", 0, "sees namespace 5 of $G no more"),
        CommandCase("ns del_host -n $G --nsid 5 -t $H2", ENODEV, "Host is not found"),
        CommandCase("ns change_visibility -n $G --nsid 5 --auto-visible yes", EBUSY, "hosts added"),
        CommandCase("ns change_visibility -n $G --nsid 5 --auto-visible yes --force", 0, "All hosts"),
        CommandCase(
            "ns set_rbd_trash_image -n $G --nsid 5 --rbd-trash-image-on-delete no", 0, "stays"),
        CommandCase(
            "ns set_rbd_trash_image -n $G --nsid 5 --rbd-trash-image-on-delete yes", 0, "goes to the trash"),
        CommandCase(
            "ns set_rbd_trash_image -n $G --nsid 77 --rbd-trash-image-on-delete yes", ENODEV),
    ]

    /// The fake target's host reads ten times a second, 4 KiB in 1 ms, and so does each of its controllers.
    static let activity = [
        CommandCase(
            "status", 0, "Gateway client.gw1 of group g1, host name gw1", "state version", "2 connections",
            "CONFIGURED", "SERVED HERE"),
        CommandCase(
            "top --iterations 1 --interval 0.001", 0, "10 reads/s", "40 KiB/s read", "rbd/img1", "1 ms",
            "DEPTH", "nqn.2016-06.io.spdk:host2", "20"),
        CommandCase(
            "top -n $G --sort latency --rows 1 --iterations 1 --interval 0.001", 0, "rbd/img1",
            "No host is connected."),
        CommandCase("top --iterations 0", usage, "begins with 1"),
        CommandCase("top --interval 0 --iterations 1", usage, "above 0"),
        CommandCase("top --rows 0", usage, "begins with 1"),
        CommandCase("top -n nqn.2016-06.io.spdk:nobody", ENODEV, "no subsystem"),
        CommandCase(
            "namespace list --watch --iterations 1 --interval 0.001", 0, "READS/S", "rbd/img1", "64 MiB",
            "40 KiB"),
        CommandCase("namespace list --iterations 1", usage, "--watch"),
    ]

    static let deletions = [
        CommandCase("namespace del -n $G --nsid 5", ECANCELED, "moves image rbd/new to the trash", "--yes"),
        CommandCase("namespace del -n $G --nsid 5", ECANCELED, answer: ""),
        CommandCase("namespace del -n $G --nsid 5", 0, "Deleted namespace 5 of $G.", answer: "yes"),
        CommandCase("ns del -n $G --nsid 5", ENODEV, "Can't find namespace"),
        CommandCase("ns delete -n $G --nsid 3 --i-am-sure", 0, "Deleted namespace 3"),
        CommandCase("subsystem del -n $G", EBUSY, "Namespace 1 is still using the subsystem"),
        CommandCase("subsystem del -n $G --force", ECANCELED, "takes its 3 namespaces away"),
        CommandCase("subsystem del -n $G --force --yes", 0, "Deleted subsystem $G."),
        CommandCase("subsystem delete -n $M", 0),
        CommandCase("subsystem list", 0, "No subsystems."),
        CommandCase("ns list_locations", 0, "No namespace has a location."),
        CommandCase("namespace", 0, "USAGE", "gatewayd namespace "),
    ]
}
