"""What upstream's command line must come to: rows of (command line, exit code, what it prints).

An exit code is the errno of the gateway's answer; 2 is a mistake that the command line finds by itself.
"""

import errno
import shlex
import string

WORDS = {
    "N": "nqn.2016-06.io.spdk:cnode1",
    "G": "nqn.2016-06.io.spdk:cnode1.g1",  # what it is called in group g1
    "M": "nqn.2016-06.io.spdk:cnode2",
    "B": "nqn.2016-06.io.spdk:busy",  # has a host connected
    "A": "nqn.2016-06.io.spdk:absent",
    "H": "nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb",
    "H2": "nqn.2016-06.io.spdk:host2",
    "D": "nqn.2014-08.org.nvmexpress.discovery",
    "U": "11111111-1111-4111-8111-111111111111",
    "PSK": "NVMeTLSkey-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
    "KEY": "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:",
    "BADKEY": "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAAAA:",
    "LONG": "nqn.2016-06.io.spdk:" + "x" * 210,
}
MIB = 1 << 20


class Case:
    def __init__(self, line, code, *wanted, is_program=False, port=None, environment=None, fake=False):
        self.line = string.Template(line).safe_substitute(WORDS)
        self.code = code
        self.texts = [w for w in wanted if isinstance(w, str)]
        self.json = next((w for w in wanted if isinstance(w, dict)), None)
        self.is_program = is_program
        self.environment = environment or {}
        self.port = port
        # It is about what the fake target says: a host that is connected, a port in use, TLS.
        self.is_fake = fake

    def aim(self, places):
        """Puts the gateway's address in front, and says where it listens."""
        port = self.port or places["port"]
        where = [] if "--server-port" in self.line else ["--server-address", "127.0.0.1", "--server-port", port]
        line = string.Template(self.line).safe_substitute(places)
        self.texts = [fill(text, {**WORDS, **places}) for text in self.texts]
        self.json = self.json and fill(self.json, {**WORDS, **places})
        output = [] if "--output" in line else ["--output", "stdio"]
        self.arguments = [*where, *output, *shlex.split(line)]
        return self


def fill(value, words):
    """The same value with its words filled in."""
    if isinstance(value, dict):
        return {k: fill(v, words) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, words) for v in value]
    return string.Template(value).safe_substitute(words) if isinstance(value, str) else value


# Where the gateway is, and listens: the fake one of GatewayRPCTests listens nowhere, so that the usual port will do.
FAKE_PLACES = {"IP": "10.0.0.1", "PORT": "4420", "AT": "", "WILD4": "4430", "WILD6": "4431", "CONTROL": "5500",
               "BUSY": "4499"}


def real_places(port, listener_ports):
    """The places of a gateway at this control port that may listen at three free ports."""
    own, wild4, wild6 = listener_ports
    return {"IP": "127.0.0.1", "PORT": own, "AT": f"-s {own}", "WILD4": wild4, "WILD6": wild6, "CONTROL": port}


SUCCESS = {"status": 0, "error_message": "Success"}


GATEWAY = [
    Case("version", 0, "CLI version: 1.5.1"),
    Case("--format json version", 0, {**SUCCESS, "version": "1.5.1"}),
    Case("version", errno.ENOKEY, "Can't get CLI version", environment={"NVMEOF_VERSION": None}),
    Case("version", 0, "CLI version: 1.5.1", is_program=True),
    Case("gw version", 0, "Gateway's version: 1.5.1"),
    Case("gw version", 0, "Gateway's version: 1.5.1", is_program=True),
    Case("--format json gw version", 0, {**SUCCESS, "version": "1.5.1"}),
    Case("gw info", 0, "CLI's version: 1.5.1", "Gateway's name: client.gw1", "Gateway's group: g1",
         "Gateway's host name: gw1", "Gateway's load balancing group: 1", "Gateway's port: $CONTROL",
         "Gateway's max namespaces: 4096", "Gateway's max hosts per subsystem: 128"),
    Case("--format json gw info", 0,
         {**SUCCESS, "bool_status": True, "port": "$CONTROL", "load_balancing_group": 1, "max_subsystems": 128}),
    Case("gw info", errno.EINVAL, "CLI version 1.4.9 is older than gateway's version 1.5.1",
         environment={"NVMEOF_VERSION": "1.4.9"}),
    Case("gw version", errno.EINVAL, "is older", environment={"NVMEOF_VERSION": "1.0.0"}),
    Case("gw info", 0, "Gateway's version: 1.5.1", environment={"NVMEOF_VERSION": None}),
    Case("gw get_log_level", 0, "Gateway log level is \"info\""),
    Case("gw set_log_level --level DEBUG", 0, "Set gateway log level to \"debug\": Successful"),
    Case("--format json gw get_log_level", 0, {**SUCCESS, "log_level": "debug"}),
    Case("gw set_log_level -l info", 0),
    Case("gw set_log_level -l nonsense", 2, "invalid choice"),
    Case("gw set_log_level", 2, "--level"),
    Case("gw", 2, "missing action"),
    Case("spdk_log_level get", 0, "SPDK nvmf log flag \"nvmf\" is disabled", "SPDK log level is NOTICE",
         "SPDK log print level is INFO"),
    Case("spdk_log_level set --level debug --print WARNING", 0,
         "Set SPDK log levels and nvmf log flags: Successful"),
    Case("--format json spdk_log_level get", 0,
         {**SUCCESS, "log_level": "DEBUG", "log_print_level": "WARNING",
          "nvmf_log_flags": [{"name": "nvmf", "enabled": True}, {"name": "nvmf_tcp", "enabled": True}]}),
    Case("spdk_log_level disable", 0, "Disable SPDK nvmf log flags: Successful"),
    Case("spdk_log_level get", 0, "is disabled", "SPDK log level is NOTICE"),
    Case("spdk_log_level set -l fatal", 2, "invalid choice"),
    Case("--log-level debug --verbose --output log gw version", 0, "Gateway's version"),
    Case("--format yaml gw version", 0, "version: 1.5.1"),
    Case("--format plain gw version", 0, "Gateway's version: 1.5.1"),
    Case("--format nonsense gw version", 2, "invalid choice"),
    Case("nonsense", 2, "invalid choice"),
]

SUBSYSTEMS = [
    Case("subsystem list", 0, "No subsystems"),
    Case("--format json subsystem list", 0, {**SUCCESS, "subsystems": []}),
    Case("get_subsystems", 0, {"subsystems": []}),
    Case("subsystem add -n $N", 0, "Adding subsystem $G: Successful"),
    Case("--format json subsystem add -n $N", errno.EEXIST,
         {"status": errno.EEXIST, "nqn": "$N", "error_message":
          "Failure creating subsystem $N: Subsystem already exists"}),
    Case("subsystem add -n $M -s Ceph4711 -m 8 --no-group-append", 0, "Adding subsystem $M: Successful"),
    Case("subsystem add -n $A --serial-number Ceph4711", errno.EEXIST,
         "Serial number Ceph4711 is already used by subsystem $M"),
    Case("subsystem add -n $A -s 123456789012345678901", errno.EINVAL, "20 printable ASCII characters"),
    Case("subsystem add -n $A --max-namespaces 0", 2, "must be positive"),
    Case("subsystem add -n $D", 2, "discovery subsystem"),
    Case("subsystem add -n nqn.2016-06.io.spdk:with_underscore", errno.EINVAL, "contains invalid characters"),
    Case("subsystem add -n nqn", errno.EINVAL, "is too short, minimal length is 11"),
    Case("subsystem add -n $LONG", errno.EINVAL, "is too long, maximal length is 223"),
    Case("subsystem add -n iqn.2016-06.io.spdk:x", errno.EINVAL, "doesn't start with \"nqn.\""),
    Case("subsystem add -n nqn.201-06.io.spdk:x", errno.EINVAL, "invalid date code"),
    Case("subsystem add -n nqn.2016-06.io.spdk", errno.EINVAL, "must contain a user specified name"),
    Case("subsystem add -n nqn.2016-06.io.1spdk:x", errno.EINVAL, "reverse domain is not formatted correctly"),
    Case("subsystem add -n $A -k $BADKEY", errno.EINVAL, "CRC-32 checksums mismatch"),
    Case("subsystem add -n $A -k nonsense", errno.EINVAL, "key must start with \"DHHC-1:\""),
    Case("subsystem add -n $A -k ''", 2, "can't be empty"),
    Case("subsystem add -n $A --no-group-append --dhchap-key $KEY", 0, "Successful"),
    Case("subsystem add", 2, "--subsystem"),
    Case("subsystem list", 0, "Subsystems:", "$G", "Ceph4711", "1-2040"),
    Case("--format json subsystem list -n $M", 0,
         {**SUCCESS, "subsystems": [
             {"nqn": "$M", "enable_ha": True, "serial_number": "Ceph4711", "min_cntlid": 1, "max_cntlid": 2040,
              "model_number": "Ceph bdev Controller", "namespace_count": 0, "subtype": "NVMe",
              "max_namespaces": 8, "has_dhchap_key": False, "allow_any_host": False}]}),
    Case("subsystem list --subsystem $M", 0, "Subsystem $M:"),
    Case("subsystem list -s Ceph4711", 0, "Subsystems with serial number Ceph4711:"),
    Case("subsystem list --serial-number nobody", 0, "No subsystem with serial number nobody"),
    Case("subsystem list -n nqn.2016-06.io.spdk:nobody", errno.ENODEV, "No such device"),
    Case("--format plain subsystem list -n $A", 0, "Yes"),
    Case("subsystem change_key -n $A", 0, "Changing key for subsystem $A: Successful"),
    Case("subsystem change_key -n $A --dhchap-key $KEY", 0, "Successful"),
    Case("subsystem change_key -n $A -k $BADKEY", errno.EINVAL, "CRC-32 checksums mismatch"),
    Case("subsystem change_key -n $A -k ''", 2, "can't be empty"),
    Case("subsystem change_key -n nqn.2016-06.io.spdk:nobody -k $KEY", errno.ENODEV, "Can't find entry"),
    Case("subsystem change_key -n $D", errno.EINVAL, "discovery subsystem"),
    Case("subsystem del --subsystem $A", 0, "Deleting subsystem $A: Successful"),
    Case("subsystem del -n $A", errno.ENOENT, "No such subsystem"),
    Case("subsystem del -n $D", 2, "discovery subsystem"),
    Case("subsystem del -n short", errno.EINVAL, "is too short"),
    Case("subsystem", 2, "missing action"),
]

LISTENERS = [
    Case("listener list -n $G", 0, "No listeners for $G"),
    Case("listener add -n $G -t gw1 -a $IP $AT", 0, "Adding $G listener at $IP:$PORT: Successful"),
    Case("listener add -n $G -t gw1 -a $IP $AT", errno.EEXIST,
         "Failure adding $G listener at $IP:$PORT: Subsystem already listens on address $IP:$PORT"),
    Case("listener add -n $G --host-name gw1 --traddr ::1 --trsvcid 4421 --adrfam ipv6 --verify-host-name "
         "--secure", 0, "Adding $G listener at [::1]:4421: Successful", fake=True),
    Case("listener add -n $G -t gw1 -a 10.9.9.9", errno.EADDRNOTAVAIL,
         "Address 10.9.9.9 is not available as an IPV4 address"),
    Case("listener add -n $G -t gw1 -a $IP -s $BUSY", errno.EADDRINUSE, "Failure adding $G listener at $IP:$BUSY"),
    Case("--format json listener list -n $G", 0,
         {**SUCCESS, "listeners": [
             {"host_name": "gw1", "trtype": "TCP", "adrfam": "ipv4", "traddr": "$IP", "trsvcid": 4420,
              "secure": False},
             {"host_name": "gw1", "trtype": "TCP", "adrfam": "ipv6", "traddr": "::1", "trsvcid": 4421,
              "secure": True}]}, fake=True),
    Case("listener list --subsystem $G", 0, "Listeners for $G:", "IPv6", "$IP:$PORT", fake=True),
    Case("listener add -n $M -t gw1 -a 0.0.0.0 -s $WILD4", 0, "Successful"),
    Case("listener add -n $M -t gw1 -a :: -f ipv6 -s $WILD6", 0, "Adding $M listener at [::]:$WILD6: Successful"),
    Case("listener del -n $M -t gw1 -a 0.0.0.0 -s $WILD4", 0),
    Case("listener del -n $M -t gw1 -a :: -f ipv6 -s $WILD6", 0),
    Case("listener add -n $G -t gw2 -a 10.0.0.2", 0, "only be active when appropriate gateway is up"),
    Case("--format json listener add -n $G -t gw3 -a 10.0.0.3", 0, {"status": 0}),
    Case("listener add -n $G -t gw2 -a 10.0.0.2 -y", errno.ENODEV, "must match current host (gw1)"),
    Case("listener add -n $G -t gw_1 -a $IP $AT", errno.EINVAL, "Host name \"gw_1\" contains invalid characters"),
    Case("listener add -n $D -t gw1 -a $IP $AT", errno.EINVAL, "discovery subsystem"),
    Case("listener add -n nqn.2016-06.io.spdk:nobody -t gw1 -a $IP $AT", errno.ENOENT, "No such subsystem"),
    Case("listener add -n $G -t gw1 -a $IP -s 70000", 2, "smaller than 65536"),
    Case("listener add -n $G -t gw1 -a nonsense", 2, "invalid IP address"),
    Case("listener add -n $G -t gw1 -a ::1", 2, "not an IPv4 address"),
    Case("gw listener_info -n $G", 0, "Gateway listeners for $G:", "1: Optimized"),
    Case("--verbose --format json gw listener_info --subsystem $G", 0,
         {**SUCCESS, "gw_listeners": [
             {"listener": {"traddr": "$IP"}},
             {"listener": {"traddr": "::1"}}]}, fake=True),
    Case("gw listener_info -n $M", 0, "No gateway listeners for $M"),
    Case("gw listener_info -n nqn.2016-06.io.spdk:nobody", errno.ENODEV, "Failure listing gateway listeners"),
    Case("listener del -n $G -t gw2 -a 10.0.0.2 -s 4420", errno.ENOENT, "must match current host (gw1)"),
    Case("listener del -n $G -t gw2 -a 10.0.0.2 -s 4420 --force", 0, "for host gw2: Successful"),
    Case("listener del -n $G -t gw1 -a $IP -s 9999", errno.ENOENT, "Listener not found"),
    Case("listener del -n $G -t '*' -a 10.0.0.3 -s 4420", 2, "must use --force"),
    Case("listener del -n $G -t '*' -a 10.0.0.3 -s 4420 --force", 0, "for all hosts: Successful"),
    Case("listener del --subsystem $G --host-name gw1 --traddr ::1 --trsvcid 4421 --adrfam IPV6", 0,
         "Deleting listener [::1]:4421 from $G for host gw1: Successful", fake=True),
    Case("listener del -n nqn.2016-06.io.spdk:nobody -t gw1 -a $IP -s $PORT", errno.ENOTEMPTY,
         "Can't verify there are no active connections"),
    Case("listener del -n $G -t gw1 -a $IP -s 0", 2, "must be positive"),
    Case("listener", 2, "missing action"),
]

HOSTS = [
    Case("host list -n $G", 0, "No hosts are allowed to access $G"),
    Case("host add -n $G -t $H $H2", 0, "Adding host $H to $G: Successful", "Adding host $H2 to $G: Successful"),
    Case("--format json host add -n $G -t $H", errno.EEXIST,
         {"status": errno.EEXIST, "error_message": "Failure adding host $H to $G: Host is already added"}),
    Case("host add -n $G -t host_2", errno.EINVAL, "contains invalid characters"),
    Case("host add -n $G -t nonsense", errno.EINVAL, "is too short"),
    Case("host add -n $G -t nqn.2014-08.org.nvmexpress:uuid:zz207d09-d8af-4ed2-84ec-a6d80b0cf7eb",
         errno.EINVAL, "UUID is not formatted correctly"),
    Case("host add -n $G -t $D", errno.EINVAL, "Can't use a discovery NQN as host's"),
    Case("host add -n $D -t $H", errno.EINVAL, "Can't add host to a discovery subsystem"),
    Case("host add -n nqn.2016-06.io.spdk:nobody -t $H", errno.ENOENT, "No such subsystem"),
    Case("host add -n $M -t '*'", 0, "Allowing open host access to $M: Successful", "security breach"),
    Case("host add -n $M -t '*'", errno.EEXIST, "Open host access is already allowed"),
    Case("host add -n $M -t '*' -p $PSK", 2, "only allowed for specific hosts"),
    Case("host add -n $M -t $H $H2 -k $KEY", 2, "more than one host"),
    Case("host add -n $M -t $H --psk $PSK --dhchap-key $KEY", 0, "Successful"),
    Case("host add -n $M -t $H2 -p nonsense", errno.EINVAL, "key must start with \"NVMeTLSkey-1:\""),
    Case("host add -n $M -t $H2 -k $BADKEY", errno.EINVAL, "CRC-32 checksums mismatch"),
    Case("host list -n $M", 0, "Any host", "$H", "Yes"),
    Case("--format json host list -n $M", 0,
         {**SUCCESS, "allow_any_host": True, "subsystem_nqn": "$M",
          "hosts": [{"nqn": "$H", "use_psk": True, "use_dhchap": True}]}),
    Case("host list --subsystem nqn.2016-06.io.spdk:nobody", errno.ENODEV, "No such device"),
    Case("listener add -n $M -t gw1 -a $IP $AT --secure", errno.EINVAL, "\"allow any host\" is off"),
    Case("host change_key -n $M -t $H", 0, "Changing key for host $H on subsystem $M: Successful"),
    Case("--format json host list -n $M", 0, {"hosts": [{"nqn": "$H", "use_psk": True, "use_dhchap": False}]}),
    Case("subsystem change_key -n $M -k $KEY", errno.EINVAL, "it has hosts with no key"),
    Case("host change_key --subsystem $M --host-nqn $H --dhchap-key $KEY", 0, "Successful"),
    Case("host change_key -n $M -t $H2 -k $KEY", errno.ENODEV, "Can't find host on subsystem"),
    Case("host change_key -n $M -t $H -k $BADKEY", errno.EINVAL, "CRC-32 checksums mismatch"),
    Case("host change_key -n $M -t '*' -k $KEY", 2, "use a real NQN"),
    Case("host del -n $M -t '*'", 0, "Disabling open host access to $M: Successful"),
    Case("subsystem change_key -n $M -k $KEY", 0, "Successful"),
    Case("host add -n $M -t '*'", errno.EINVAL, "having a DH-HMAC-CHAP key"),
    Case("host add -n $M -t $H2", errno.ENOKEY, "must have a DH-HMAC-CHAP key"),
    Case("host change_key -n $M -t $H", errno.ENOKEY, "must have a DH-HMAC-CHAP key"),
    Case("host del --subsystem $M --host-nqn $H", 0, "Removing host $H access from $M: Successful"),
    Case("host del -n $M -t $H", errno.ENOENT, "Host is not found"),
    Case("host del -n $M -t nonsense", errno.EINVAL, "is too short"),
    Case("host del -n $G -t $H2 $H", 0, "Removing host $H2", "Removing host $H "),
    Case("subsystem change_key -n $M", 0),
    Case("host", 2, "missing action"),
]

CONNECTIONS = [
    Case("subsystem add -n $B --no-group-append", 0),
    Case("host add -n $B -t $H $H2", 0),
    Case("listener add -n $B -t gw1 -a $IP $AT", 0),
    Case("connection list -n $B", 0, "Connections for $B:", "$IP:$PORT", "<n/a>", fake=True),
    Case("--format json connection list --subsystem $B", 0,
         {**SUCCESS, "subsystem_nqn": "$B", "connections": [
             {"nqn": "$H", "connected": True, "traddr": "$IP", "trsvcid": 4420, "trtype": "TCP",
              "adrfam": "ipv4", "qpairs_count": 4, "controller_id": 1, "secure": False},
             {"nqn": "$H2", "connected": False, "traddr": "<n/a>", "trsvcid": 0, "qpairs_count": -1,
              "controller_id": -1}]}, fake=True),
    Case("connection list -n $M", 0, "No connections for $M"),
    Case("connection list -n nqn.2016-06.io.spdk:nobody", errno.ENODEV, "No such device"),
    Case("connection", 2, "missing action"),
    Case("listener del -n $B -t gw1 -a $IP -s $PORT", errno.ENOTEMPTY, "There are active connections", fake=True),
    Case("ns add -n $B -p rbd -i used", 0, "Adding namespace 1 to $B: Successful"),
    Case("ns change_visibility -n $B --nsid 1 --auto-visible no", errno.EBUSY, "active connections", fake=True),
    Case("ns change_visibility -n $B --nsid 1 --auto-visible no --force", 0,
         "to \"visible to selected hosts\": Successful"),
    Case("listener del -n $B -t gw1 -a $IP -s $PORT --force", 0),
    Case("subsystem del -n $B", errno.EBUSY, "Namespace 1 is still using the subsystem"),
    Case("subsystem del -n $B --force", 0),
]

NAMESPACES = [
    Case("ns list", 0, "No namespaces in any subsystem"),
    Case("namespace list -n $G", 0, "No namespaces in subsystem $G"),
    Case("namespace add -n $G -p rbd -i img1", 0, "Adding namespace 1 to $G: Successful"),
    Case("namespace add -n $G -p rbd -i img1", errno.EEXIST,
         "RBD image rbd/img1 is already used by a namespace in subsystem $G"),
    Case("namespace add -n $G -p rbd -i img1 --force", 0, "Adding namespace 2 to $G: Successful"),
    Case("--format json namespace add --subsystem $G --nsid 5 --uuid $U --rbd-pool rbd --rbd-image new "
         "--rbd-create-image --size 16M --block-size 4096 --load-balancing-group 1 --no-auto-visible "
         "--rbd-trash-image-on-delete", 0, {**SUCCESS, "nsid": 5}),
    Case("ns add -n $G -p rbd -i img2 --nsid 5", errno.EEXIST, "ID 5 is already in use"),
    Case("ns add -n $G -p rbd -i img2 -u $U", errno.EEXIST, "UUID $U is already in use"),
    Case("ns add -n $G -p rbd -i img2 -u nonsense", errno.EINVAL, "is not a UUID"),
    Case("ns add -n $G -p rbd -i img2 -l 9", errno.ENODEV, "Load balancing group 9 doesn't exist"),
    Case("ns add -n $G -p rbd -i nothing", errno.ENODEV, "RBD image rbd/nothing doesn't exist"),
    Case("ns add -n $G -p nopool -i img2", errno.ENODEV, "Pool nopool doesn't exist"),
    Case("ns add -n $G -p rbd -i img2 -c --size 1G", errno.EEXIST, "already exists with a size of 67108864 bytes"),
    Case("ns add -n $G -p rbd -i img2 -c --size 64", 0, "Adding namespace 3 to $G: Successful"),
    Case("ns add -n $G -p rbd -i img3 -s 1000", errno.EINVAL, "block size must be 512 or 4096"),
    Case("ns add -n $G -p rbd -i img3 -s 0", 2, "must be positive"),
    Case("ns add -n $G -p rbd -i img3 --nsid 0", 2, "must be positive"),
    Case("ns add -n $G -p rbd -i img3 --nsid 9999", errno.E2BIG, "Requested ID 9999 is bigger"),
    Case("ns add -n $G -p rbd -i img3 -l -1", 2, "must be positive"),
    Case("ns add -n $G -p rbd -i img3 -c", 2, "--size argument is mandatory"),
    Case("ns add -n $G -p rbd -i img3 --size 1G", 2, "--size argument is not allowed"),
    Case("ns add -n $G -p rbd -i img3 -c --size 1K", 2, "aligned to MiBs"),
    Case("ns add -n $G -p rbd -i img3 -c --size many", 2, "must be numeric"),
    Case("ns add -n $G -p rbd -i img3 --rbd-trash-image-on-delete", 2, "Can't trash"),
    Case("ns add -n nqn.2016-06.io.spdk:nobody -p rbd -i img3", errno.ENOENT, "No such subsystem"),
    Case("ns add -n $M -p rbd -i img3 -l 1 --nsid 9", errno.E2BIG, "Requested ID 9 is bigger than the maximal one (8)"),
    Case("namespace list", 0, "Namespaces in all subsystems:", "rbd/img1", "(trash on delete)", "Restrictive"),
    Case("namespace list --subsystem $G --nsid 5", 0, "Namespace 5 in subsystem $G:", "16 MiB", "4 KiB"),
    Case("namespace list -n $G --uuid $U", 0, "Namespace with UUID $U in subsystem $G:"),
    Case("ns list --nsid 77", 0, "No namespace 77 in any subsystem"),
    Case("ns list --nsid 0", 2, "must be positive"),
    Case("ns list -n nqn.2016-06.io.spdk:nobody", errno.ENODEV, "No such device"),
    Case("--format json ns list -n $G --nsid 5", 0,
         {**SUCCESS, "subsystem_nqn": "$G", "namespaces": [
             {"nsid": 5, "bdev_name": "bdev_$U", "rbd_image_name": "new", "rbd_pool_name": "rbd",
              "load_balancing_group": 1, "block_size": 4096, "rbd_image_size": str(16 * MIB), "uuid": "$U",
              "rw_ios_per_second": "0", "auto_visible": False, "hosts": [], "ns_subsystem_nqn": "$G",
              "trash_image": True}]}),
    Case("get_subsystems", 0, "Get subsystems:"),
]

CHANGES = [
    Case("namespace resize -n $G --nsid 5 --size 32M", 0, "to 32 MiB: Successful"),
    Case("namespace resize --subsystem $G --nsid 5 --size 16", errno.EINVAL,
         "new size 16777216 bytes is smaller than current size 33554432 bytes"),
    Case("ns resize -n $G --nsid 77 --size 1G", errno.ENODEV, "Can't find namespace"),
    Case("ns resize -n $G --nsid 5 --size 1K", 2, "aligned to MiBs"),
    Case("ns resize -n $G --nsid 0 --size 1G", 2, "must be positive"),
    Case("--format json ns list -n $G --nsid 5", 0, {"namespaces": [{"rbd_image_size": str(32 * MIB)}]}),
    Case("ns set_qos -n $G --nsid 5 --rw-ios-per-second 1500", 0, "rounded up to 2000", "Successful"),
    Case("namespace set_qos --subsystem $G --nsid 5 --rw-megabytes-per-second 30 --r-megabytes-per-second 10 "
         "--w-megabytes-per-second 20", 0, "Successful"),
    Case("--format json ns list -n $G --nsid 5", 0,
         {"namespaces": [{"rw_ios_per_second": "2000", "rw_mbytes_per_second": "30", "r_mbytes_per_second": "10",
                          "w_mbytes_per_second": "20"}]}),
    Case("ns set_qos -n $G --nsid 5 --rw-ios-per-second 0", 0),
    Case("--format json ns list -n $G --nsid 5", 0,
         {"namespaces": [{"rw_ios_per_second": "0", "r_mbytes_per_second": "10"}]}),
    Case("ns set_qos -n $G --nsid 5", 2, "At least one QOS limit"),
    Case("ns set_qos -n $G --nsid 77 --rw-ios-per-second 1000", errno.ENODEV, "Can't find namespace"),
    Case("ns get_io_stats -n $G --nsid 5", 0, "IO statistics for namespace 5 in $G, bdev bdev_$U:", "Tick Rate"),
    Case("--verbose namespace get_io_stats --subsystem $G --nsid 5", 0, "IO Error - Internal Error", fake=True),
    Case("--format json ns get_io_stats -n $G --nsid 5", 0,
         {**SUCCESS, "subsystem_nqn": "$G", "nsid": 5, "uuid": "$U", "num_read_ops": "7", "bytes_read": "28672",
          "tick_rate": "1000000000"}, fake=True),
    Case("ns get_io_stats -n $G --nsid 77", errno.ENODEV, "Can't find namespace"),
    Case("namespace change_load_balancing_group --subsystem $G --nsid 5 --load-balancing-group 1", 0,
         "Changing load balancing group of namespace 5 in $G to 1: Successful"),
    Case("ns change_load_balancing_group -n $G --nsid 5 -l 9", errno.ENODEV, "group 9 doesn't exist"),
    Case("ns change_load_balancing_group -n $G --nsid 77 -l 1", errno.ENOENT, "Can't find entry for namespace 77"),
    Case("ns change_load_balancing_group -n $G --nsid 5 -l 0", 2, "must be positive"),
    Case("ns add_host -n $G --nsid 5 -t $H $H2", 0, "Adding host $H to namespace 5 on $G: Successful"),
    Case("--format json ns list -n $G --nsid 5", 0, {"namespaces": [{"hosts": ["$H", "$H2"]}]}),
    Case("ns list -n $G --nsid 5", 0, "host2"),
    Case("namespace add_host --subsystem $G --nsid 1 --host-nqn $H", errno.EINVAL, "visible to all hosts"),
    Case("ns add_host -n $G --nsid 5 -t '*'", errno.EINVAL, "Host NQN can't be \"*\""),
    Case("ns add_host -n $G --nsid 5 -t nonsense", errno.EINVAL, "Invalid host NQN"),
    Case("ns add_host -n $G --nsid 5 -t $D", errno.EINVAL, "can't be a discovery NQN"),
    Case("ns add_host -n $G --nsid 77 -t $H", errno.ENODEV, "Can't find namespace"),
    Case("ns add_host -n nqn.2016-06.io.spdk:nobody --nsid 5 -t $H", errno.ENODEV, "Can't find subsystem"),
    Case("namespace del_host --subsystem $G --nsid 5 --host-nqn $H2", 0,
         "Deleting host $H2 from namespace 5 on $G: Successful"),
    Case("ns del_host -n $G --nsid 5 -t $H2", errno.ENODEV, "Host is not found in namespace's host list"),
    Case("ns del_host -n $G --nsid 1 -t $H", errno.EINVAL, "visible to all hosts"),
    Case("ns del_host -n $G --nsid 5 -t '*'", errno.EINVAL, "Host NQN can't be \"*\""),
    Case("namespace change_visibility --subsystem $G --nsid 5 --auto-visible yes", errno.EBUSY,
         "there are already hosts added to it"),
    Case("ns change_visibility -n $G --nsid 5 --auto-visible yes --force", 0,
         "to \"visible to all hosts\": Successful"),
    Case("ns change_visibility -n $G --nsid 5 --auto-visible yes", 0, "Successful"),
    Case("--format json ns list -n $G --nsid 5", 0, {"namespaces": [{"auto_visible": True, "hosts": []}]}),
    Case("ns change_visibility -n $G --nsid 77 --auto-visible no", errno.ENODEV, "Can't find namespace"),
    Case("ns change_visibility -n nqn.2016-06.io.spdk:nobody --nsid 1 --auto-visible no", errno.ENODEV,
         "Can't find subsystem"),
    Case("ns change_visibility -n $G --nsid 5 --auto-visible maybe", 2, "invalid choice"),
    Case("ns set_rbd_trash_image -n $G --nsid 5 --rbd-trash-image-on-delete no", 0,
         "to \"do not trash on namespace deletion\": Successful"),
    Case("namespace set_rbd_trash_image --subsystem $G --nsid 5 --rbd-trash-image-on-delete yes", 0,
         "to \"trash on namespace deletion\": Successful"),
    Case("ns set_rbd_trash_image -n $G --nsid 77 --rbd-trash-image-on-delete yes", errno.ENODEV,
         "Can't find namespace"),
]

DELETIONS = [
    Case("namespace del -n $G --nsid 5", errno.EINVAL, "Confirmation for trashing RBD image is needed",
         "--rbd-trash-image-on-delete no"),
    Case("namespace del --subsystem $G --nsid 5 --i-am-sure", 0, "Deleting namespace 5 from $G: Successful"),
    Case("ns del -n $G --nsid 5", errno.ENODEV, "Failure deleting namespace 5: Can't find namespace"),
    Case("ns add -n $G -p rbd -i new", errno.ENODEV, "RBD image rbd/new doesn't exist"),
    Case("ns del -n $G --nsid 0", 2, "must be positive"),
    Case("--format json ns del -n $G --nsid 3", 0, SUCCESS),
    Case("subsystem del -n $G", errno.EBUSY, "Namespace 1 is still using the subsystem"),
    Case("subsystem del -n $G --force", 0, "Deleting subsystem $G: Successful"),
    Case("subsystem del -n $M", 0),
    Case("subsystem list", 0, "No subsystems"),
    Case("namespace", 2, "missing action"),
]

# Nobody listens there: each command says so, and none hangs or prints a trace.
COMMANDS = [
    "gw info", "gw version", "gw get_log_level", "gw listener_info -n $N",
    "spdk_log_level get", "spdk_log_level set -l info", "spdk_log_level disable", "subsystem add -n $N",
    "subsystem del -n $N", "subsystem list", "subsystem change_key -n $N", "listener add -n $N -t a -a 10.0.0.1",
    "listener del -n $N -t a -a 10.0.0.1 -s 1", "listener list -n $N", "host add -n $N -t $H",
    "host del -n $N -t $H", "host change_key -n $N -t $H", "host list -n $N", "connection list -n $N",
    "ns add -n $N -p rbd -i a", "ns del -n $N --nsid 1", "ns resize -n $N --nsid 1 --size 1G", "ns list",
    "ns get_io_stats -n $N --nsid 1", "ns change_load_balancing_group -n $N --nsid 1 -l 1",
    "ns set_qos -n $N --nsid 1 --rw-ios-per-second 0", "ns add_host -n $N --nsid 1 -t $H",
    "ns del_host -n $N --nsid 1 -t $H", "ns change_visibility -n $N --nsid 1 --auto-visible no",
    "ns set_rbd_trash_image -n $N --nsid 1 --rbd-trash-image-on-delete no",
]
NOBODY = [Case(line, errno.EINVAL, port="1") for line in COMMANDS] + [
    Case("gw set_log_level -l info", 0, "Failure setting gateway log level", port="1"),
    Case("get_subsystems", 2, "code=StatusCode.UNAVAILABLE", port="1"),
]


def tls_cases():
    keys = "--client-key $folder/client.key --client-cert $folder/client.crt"
    gateway = "--server-address localhost --server-port $tls_port"
    return [
        Case(f"{gateway} {keys} --server-cert $folder/server.crt gw version", 0, "Enable server auth", "1.5.1"),
        Case(f"{gateway} {keys} --server-cert $folder/server.crt gw version", 0, "1.5.1", is_program=True),
        Case(f"{gateway} gw version", errno.EINVAL, "Failure getting gateway's version"),
        Case(f"{gateway} --client-key $folder/server.key --client-cert $folder/server.crt "
             "--server-cert $folder/server.crt gw version", errno.EINVAL, "Failure getting"),
    ]


def all_cases(places):
    groups = [GATEWAY, SUBSYSTEMS, LISTENERS, HOSTS, CONNECTIONS, NAMESPACES, CHANGES, DELETIONS, NOBODY]
    if "tls_port" in places:
        groups.append(tls_cases())
    chosen = (case for group in groups for case in group if not (case.is_fake and places["real"]))
    return [case.aim(places) for case in chosen]
