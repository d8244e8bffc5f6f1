/** Connections to ports, of every kind that nginx makes, and ports that it listens on. */
import { backend, proxyTo, stopBackend, type Kind, type Situation } from "./situation.ts";

/** nginx and a service that answers HTTP on a port. */
function toPort(port: number, name: string): Situation {
  return { name, ports: [port], site: { server: proxyTo(`127.0.0.1:${port}`) } };
}

export const connections: Kind = {
  name: "connections to ports",
  situations: [
    toPort(4567, "a backend on a port without a name"),
    toPort(3001, "a backend in a range that has a name, 3000-3001"),
    toPort(41234, "a backend on a port of the ephemeral range"),
    toPort(5432, "a backend on the port of a database"),
    {
      name: "a backend on 8080, behind an upstream",
      ports: [8080],
      site: { http: "upstream app { server 127.0.0.1:8080; }", server: proxyTo("app") },
    },
    {
      name: "a backend in the middle of a labelled range, 10003",
      ports: [10003],
      site: { http: "upstream app { server 127.0.0.1:10003; }", server: proxyTo("app") },
    },
    {
      name: "a backend that a resolver finds by its name",
      ports: [4570],
      starts: backend("dns", "dns:53"),
      ends: stopBackend("dns"),
      site: {
        http: "resolver 127.0.0.1;",
        server: "set $app app.test; location / { proxy_pass http://$app:4570; }",
      },
    },
    {
      name: "a service of logins, asked by auth_request",
      ports: [4568],
      site: {
        server: `root /var/www/html; auth_request /login;
        location = /login { internal; proxy_pass http://127.0.0.1:4568; }`,
      },
      url: "http://127.0.0.1/index.nginx-debian.html",
    },
    {
      name: "memcached on its own port",
      starts: `systemctl start memcached
        for i in $(seq 50); do if printf 'set / 0 0 2\\r\\nok\\r\\nquit\\r\\n' | timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/11211; cat >&3; cat <&3' | grep -q STORED; then break; fi; sleep 0.2; done`,
      ends: "systemctl stop memcached",
      site: { server: "location / { set $memcached_key $uri; memcached_pass 127.0.0.1:11211; }" },
    },
    {
      name: "a stream to the port of a named service, 6379",
      ports: [6379],
      site: { stream: "server { listen 40379; proxy_pass 127.0.0.1:6379; }" },
      url: "http://127.0.0.1:40379/",
    },
    {
      name: "a stream of UDP to a port without a name",
      starts: backend("echo", "udp:5302"),
      ends: stopBackend("echo"),
      site: { stream: "server { listen 40053 udp; proxy_responses 1; proxy_pass 127.0.0.1:5302; }" },
      asks: "python3 /opt/ask.py udp 40053",
    },
    {
      name: "a mail proxy with a service of logins",
      ports: [4569],
      starts: backend("imap", "imap:53"),
      ends: stopBackend("imap"),
      site: {
        mail: "auth_http 127.0.0.1:4569/; proxy_pass_error_message on; server { listen 40143; protocol imap; }",
      },
      asks: "python3 /opt/ask.py imap 40143",
    },
    {
      name: "an address of its own to connect from, whose port is not free to bind",
      ports: [53],
      site: { server: "location / { proxy_bind 127.0.0.1:7001; proxy_pass http://127.0.0.1:53; }" },
    },
    {
      name: "a foreign address to connect from (transparent)",
      ports: [53],
      site: { server: "location / { proxy_bind 127.0.0.9 transparent; proxy_pass http://127.0.0.1:53; }" },
      unsaid: "the capability is not modelled: a note on the line",
    },
    {
      name: "the name server's port, which every policy allows",
      ports: [53],
      site: { server: proxyTo("127.0.0.1:53") },
    },
    {
      name: "a log that goes to a service on UDP",
      site: { server: "access_log syslog:server=127.0.0.1:5140; return 200;" },
    },
  ],
};

export const listening: Kind = {
  name: "ports to listen on",
  situations: [
    {
      name: "a listening port that has another name",
      site: { listen: "8888", server: "return 200;" },
      url: "http://127.0.0.1:8888/",
    },
    {
      name: "a listening port of the local range",
      site: { listen: "40000", server: "return 200;" },
      url: "http://127.0.0.1:40000/",
    },
    {
      name: "a listening port of the web server",
      site: { listen: "8008", server: "return 200;" },
      url: "http://127.0.0.1:8008/",
    },
    {
      name: "a range of listening ports",
      site: { listen: "127.0.0.1:7881-7883", server: "return 200;" },
      url: "http://127.0.0.1:7882/",
    },
    {
      name: "the same port for listening and for its backend",
      ports: [5071],
      site: { listen: "127.0.0.2:5071", server: proxyTo("127.0.0.1:5071") },
      url: "http://127.0.0.2:5071/",
    },
    {
      name: "a stream that listens on UDP",
      starts: backend("echo", "udp:5302"),
      ends: stopBackend("echo"),
      site: { stream: "server { listen 5301 udp; proxy_responses 1; proxy_pass 127.0.0.1:5302; }" },
      asks: "python3 /opt/ask.py udp 5301",
    },
    {
      name: "a mail proxy that listens on the port of a mail service",
      ports: [53],
      starts: backend("imap", "imap:53"),
      ends: stopBackend("imap"),
      site: {
        mail: "auth_http 127.0.0.1:53/; server { listen 2143; protocol imap; } server { listen 143; protocol imap; }",
      },
      asks: "python3 /opt/ask.py imap 143",
    },
  ],
};
