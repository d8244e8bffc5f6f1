/** Logs as large as one likes, always the same for a given shape and size. */

/** Which lines a log holds. */
export type LogShape = "audit events" | "AVC records" | "nginx refusals" | "other lines" | "a host's mixture";

export const logShapes: readonly LogShape[] = [
  "audit events",
  "AVC records",
  "nginx refusals",
  "other lines",
  "a host's mixture",
];

/** Pieces of about a megabyte, `megabytes` (10^6 characters) of them. */
export function* generateLog(shape: LogShape, megabytes: number): Generator<string, void> {
  let line = 0;
  for (let piece = 0; piece < megabytes; piece++) {
    const lines: string[] = [];
    for (let length = 0; length < 1e6; line++) {
      const text = lineOf(shape, line);
      lines.push(text);
      length += text.length + 1;
    }
    yield `${lines.join("\n")}\n`;
  }
}

function lineOf(shape: LogShape, n: number): string {
  switch (shape) {
    case "audit events":
      return eventLine(n);
    case "AVC records":
      return avc(n);
    case "nginx refusals":
      return nginxRefusal(n);
    case "other lines":
      return otherLine(n);
    case "a host's mixture":
      return n % 20 === 0 ? nginxRefusal(n) : n % 5 === 0 ? otherLine(n) : eventLine(n);
  }
}

/** Three records of an event follow each other, as auditd writes them. */
function eventLine(n: number): string {
  const event = Math.floor(n / 3);
  const head = `msg=audit(${1_795_690_000 + (event >> 3)}.${String(event % 1000).padStart(3, "0")}:${event})`;
  if (n % 3 === 0) return avc(event);
  if (n % 3 === 1)
    return `type=SYSCALL ${head}: arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=55f0c2a${event % 10} a2=800 a3=0 items=1 ppid=900 pid=${1000 + (event % 40)} auid=4294967295 uid=988 gid=984 euid=988 suid=988 fsuid=988 egid=984 sgid=984 fsgid=984 tty=(none) ses=4294967295 comm="nginx" exe="/usr/sbin/nginx" subj=system_u:system_r:httpd_t:s0 key=(null)`;
  return `type=PROCTITLE ${head}: proctitle=6E67696E783A20776F726B65722070726F63657373`;
}

/** Connections, and files with a name and an inode of their own each. */
function avc(event: number): string {
  const head = `type=AVC msg=audit(${1_795_690_000 + (event >> 3)}.${String(event % 1000).padStart(3, "0")}:${event}): avc:  denied`;
  const pid = 1000 + (event % 40);
  if (event % 2 === 0)
    return `${head}  { name_connect } for  pid=${pid} comm="nginx" dest=${3000 + (event % 16)} scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:ntop_port_t:s0 tclass=tcp_socket permissive=0`;
  return `${head}  { read } for  pid=${pid} comm="nginx" name="page-${event}.html" dev="dm-0" ino=${200_000 + event} scontext=system_u:system_r:httpd_t:s0 tcontext=unconfined_u:object_r:user_home_t:s0 tclass=file permissive=0`;
}

function nginxRefusal(n: number): string {
  const head = `2026/11/26 ${clock(n)} [${n % 2 === 0 ? "crit" : "error"}] 9802#9802: *${n}`;
  const rest = `client: 192.0.2.${n % 250}, server: app.example.com, request: "GET /page-${n} HTTP/1.1"`;
  if (n % 2 === 0)
    return `${head} connect() to 127.0.0.1:${3000 + (n % 16)} failed (13: Permission denied) while connecting to upstream, ${rest}, upstream: "http://127.0.0.1:3000/page-${n}", host: "app.example.com"`;
  return `${head} open() "/srv/www/page-${n}.html" failed (13: Permission denied), ${rest}, host: "app.example.com"`;
}

/** Lines that tell of no refusal: other records, other errors of nginx's, other programs. */
function otherLine(n: number): string {
  const id = `msg=audit(${1_795_690_000 + (n >> 3)}.${String(n % 1000).padStart(3, "0")}:${n})`;
  switch (n % 5) {
    case 0:
      return `type=USER_LOGIN ${id}: pid=${4000 + (n % 90)} uid=0 auid=1000 ses=${n % 700} subj=system_u:system_r:sshd_t:s0-s0:c0.c1023 msg='op=login id=1000 exe="/usr/sbin/sshd" hostname=? addr=192.0.2.7 terminal=/dev/pts/0 res=success'`;
    case 1:
      return `type=CRYPTO_KEY_USER ${id}: pid=${4000 + (n % 90)} uid=0 auid=4294967295 ses=4294967295 subj=system_u:system_r:sshd_t:s0-s0:c0.c1023 msg='op=destroy kind=server fp=SHA256:1f:aa:${n} direction=? spid=2 suid=0 exe="/usr/sbin/sshd" res=success'`;
    case 2:
      return `2026/11/26 ${clock(n)} [error] 9802#9802: *${n} open() "/srv/www/favicon-${n}.ico" failed (2: No such file or directory), client: 192.0.2.${n % 250}, server: app.example.com, request: "GET /favicon-${n}.ico HTTP/1.1", host: "app.example.com"`;
    case 3:
      return `Nov 26 ${clock(n)} web01 systemd[1]: Started session-${n}.scope - Session ${n} of user deploy.`;
    default:
      return `2026/11/26 ${clock(n)} [error] 9802#9802: *${n} connect() failed (111: Connection refused) while connecting to upstream, client: 192.0.2.${n % 250}, server: app.example.com, request: "GET /api/${n} HTTP/1.1", upstream: "http://127.0.0.1:3000/api/${n}", host: "app.example.com"`;
  }
}

function clock(n: number): string {
  const two = (value: number): string => String(value % 60).padStart(2, "0");
  return `${String(Math.floor(n / 36_000) % 24).padStart(2, "0")}:${two(Math.floor(n / 600))}:${two(Math.floor(n / 10))}`;
}
