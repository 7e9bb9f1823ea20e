"""dovecot.conf for a private Dovecot that runs wholly under one unprivileged account.

Dovecot 2.4 (Debian 13) renamed most settings of 2.3 (Debian 12); the installed version decides which are written.
"""

import base64
import functools
import grp
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.servers import certificates, processes

COMMON = """\
base_dir = {root}/run
state_dir = {root}/run
instance_name = {root.name}
log_path = {root}/dovecot.log
protocols = imap
listen = {host}
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
first_valid_uid = {uid}
last_valid_uid = {uid}
first_valid_gid = {gid}
ssl = yes
auth_mechanisms = plain login
auth_failure_delay = 0
imap_capability = {capabilities}
mail_max_userip_connections = 200
mailbox_idle_check_interval = 1 s
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  client_limit = 400
  process_min_avail = 1
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 400
}}
"""
VERSION_2_3 = """\
ssl_cert = <{chain}
ssl_key = <{key}
ssl_dh =
disable_plaintext_auth = no
auth_username_format = %Ln
mail_location = maildir:~/Maildir
mail_attribute_dict =
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%n
}}
service imap-login {{
  service_count = 0
}}
"""
QUOTA_2_3 = """\
mail_plugins = $mail_plugins quota
plugin {{
  quota = maildir:User quota
  quota_rule = *:bytes={quota}
  quota_grace = 0
}}
"""
RIGHTS_2_3 = """\
protocol imap {{
  mail_plugins = $mail_plugins acl
}}
plugin {{
  acl = vfile
}}
"""
VERSION_2_4 = """\
ssl_server_cert_file = {chain}
ssl_server_key_file = {key}
auth_allow_cleartext = yes
auth_username_format = %{{user | username | lower}}
mail_driver = maildir
mail_path = ~/Maildir
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {root}/mail/%{{user | username}}
  }}
}}
service imap-login {{
  restart_request_count = unlimited
}}
"""
QUOTA_2_4 = """\
mail_plugins {{
  quota = yes
}}
quota "User quota" {{
  driver = maildir
  storage_size = {quota}B
  storage_grace = 0
}}
"""
TOKENS_2_3 = """\
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
"""
TOKENS_2_4 = """\
auth_mechanisms = plain login xoauth2 oauthbearer
oauth2 {{
  introspection_mode = get
  introspection_url = {introspection}
  username_attribute = email
}}
"""
RIGHTS_2_4 = """\
protocol imap {{
  mail_plugins {{
    acl = yes
  }}
}}
acl_driver = vfile
"""


def text(
    root: Path,
    made: certificates.Certificates,
    *,
    imap_port: int,
    imaps_port: int,
    capabilities: Sequence[str],
    password: str,
    namespace: tuple[str, str],
    quota: int | None,
    rights: bool,
    introspection: str,
) -> str:
    """The whole file; ``namespace`` is (separator, prefix). ``introspection``: where tokens are checked."""
    modern = _version() >= (2, 4)
    parts = ["dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"] if modern else []
    parts += [COMMON, VERSION_2_4 if modern else VERSION_2_3]
    if quota:
        parts.append(QUOTA_2_4 if modern else QUOTA_2_3)
    if rights:
        parts.append(RIGHTS_2_4 if modern else RIGHTS_2_3)
    if introspection:
        parts.append(TOKENS_2_4 if modern else TOKENS_2_3)
    owner = processes.account()
    return "".join(parts).format(
        root=root,
        host=processes.LOOPBACK,
        owner=owner.pw_name,
        group=grp.getgrgid(owner.pw_gid).gr_name,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        chain=made.chain,
        key=made.key,
        imap_port=imap_port,
        imaps_port=imaps_port,
        capabilities=" ".join(capabilities),
        password="{PLAIN.B64}" + base64.b64encode(password.encode()).decode(),
        separator=namespace[0],
        prefix=namespace[1],
        quota=quota,
        introspection=introspection,
    )


def token_checks(introspection: str) -> str:
    """Dovecot 2.3's own file about the server that knows tokens."""
    return f"tokeninfo_url = {introspection}\nusername_attribute = email\n"


@functools.cache
def _version() -> tuple[int, int]:
    program = processes.find_program("dovecot", "dovecot-imapd")
    run = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    major, minor = run.stdout.split(".")[:2]
    return int(major), int(minor)
