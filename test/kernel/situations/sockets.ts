/** Unix sockets: their labels, and every kind of process that may listen on one. */
import { backend, proxyTo, stopBackend, type Kind, type Situation } from "./situation.ts";

/** Where the policy has a label for sockets of the web server. */
const RIGHT = "mkdir -p /run/php; restorecon /run/php";

/** Ends the backend of a shell, which no unit knows. */
const stopHand = "if [ -f /run/hand.pid ]; then kill $(cat /run/hand.pid) || true; rm -f /run/hand.pid; fi";

/** nginx and a service that listens on a socket. */
function toSocket(name: string, path: string, more: Partial<Situation>): Situation {
  return { name, site: { server: proxyTo(`unix:${path}`) }, ...more };
}

export const peers: Kind = {
  name: "sockets and those who listen on them",
  situations: [
    toSocket("a backend in /run/<app> that runs as an unconfined service", "/run/app/app.sock", {
      starts: backend("app", "http:/run/app/app.sock", "-p RuntimeDirectory=app"),
      ends: stopBackend("app"),
    }),
    toSocket("an unconfined service behind a socket with the right label", "/run/php/app.sock", {
      starts: `${RIGHT}; ${backend("php", "http:/run/php/app.sock")}`,
      ends: `${stopBackend("php")}; rm -f /run/php/app.sock`,
    }),
    toSocket("a service that an init script starts", "/run/php/script.sock", {
      files: `cp /usr/bin/python3 /usr/local/sbin/script; chcon -t initrc_exec_t /usr/local/sbin/script`,
      starts: `${RIGHT}; ${backend("script", "http:/run/php/script.sock", "", "/usr/local/sbin/script")}`,
      ends: `${stopBackend("script")}; rm -f /run/php/script.sock /usr/local/sbin/script`,
    }),
    toSocket("a backend that a user started in a shell", "/run/php/hand.sock", {
      starts: `${RIGHT}; ${stopHand}
        setsid python3 /opt/backends.py http:/run/php/hand.sock </dev/null >/dev/null 2>&1 & echo $! >/run/hand.pid
        for i in $(seq 100); do if curl -sf --unix-socket /run/php/hand.sock http://hand/; then break; fi; sleep 0.1; done`,
      ends: `${stopHand}; rm -f /run/php/hand.sock`,
      hidden: "the process is root's, and no unit names the socket: a note",
    }),
    toSocket("a socket that systemd listens on until someone calls", "/run/php/activated.sock", {
      files: `printf '[Socket]\\nListenStream=/run/php/activated.sock\\nSocketMode=0666\\n' >/etc/systemd/system/activated.socket
        printf '[Service]\\nExecStart=/usr/bin/python3 /opt/backends.py activated:\\n' >/etc/systemd/system/activated.service
        restorecon /etc/systemd/system/activated.*; systemctl daemon-reload`,
      // systemd refuses to listen for a service that runs already.
      starts: `${RIGHT}; systemctl stop activated.socket activated.service; systemctl start activated.socket`,
      ends: `systemctl stop activated.socket activated.service
        rm -f /etc/systemd/system/activated.* /run/php/activated.sock; systemctl daemon-reload`,
    }),
    toSocket("php-fpm, whose pool file alone names its socket", "/run/php/pool.sock", {
      files: `mkdir -p /etc/php/8.2/fpm/pool.d; printf '[pool]\\nlisten = /run/php/$pool.sock\\n' >/etc/php/8.2/fpm/pool.d/pool.conf
        printf '[Service]\\nType=notify\\nExecStart=/usr/bin/python3 /opt/backends.py http:/run/php/pool.sock\\n' >/etc/systemd/system/php8.2-fpm.service
        restorecon -R /etc/php /etc/systemd/system/php8.2-fpm.service; systemctl daemon-reload`,
      starts: `${RIGHT}; systemctl restart php8.2-fpm`,
      ends: `systemctl stop php8.2-fpm; rm -rf /etc/php /etc/systemd/system/php8.2-fpm.service /run/php/pool.sock
        systemctl daemon-reload`,
    }),
    toSocket("memcached, which has a domain of its own", "/run/memcached/cache.sock", {
      starts: `mkdir -p /run/memcached; chown memcache: /run/memcached; restorecon /run/memcached; ${stopBackend("cache")}
        systemd-run -q --collect --unit=cache -p User=memcache /usr/bin/memcached -s /run/memcached/cache.sock -a 0666
        for i in $(seq 100); do if [ -S /run/memcached/cache.sock ]; then break; fi; sleep 0.1; done
        python3 -c "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/memcached/cache.sock'); s.send(b'set / 0 0 2\\r\\nok\\r\\n'); s.recv(9)"`,
      ends: `${stopBackend("cache")}; rm -rf /run/memcached`,
      site: { server: "location / { set $memcached_key $uri; memcached_pass unix:/run/memcached/cache.sock; }" },
    }),
    toSocket("nginx itself, behind a socket in /run", "/run/own.sock", {
      site: {
        http: "server { listen unix:/run/own.sock; return 200; }",
        server: proxyTo("unix:/run/own.sock"),
      },
    }),
    toSocket("a socket in /srv", "/srv/app/run/app.sock", {
      files: "mkdir -p /srv/app/run",
      starts: backend("srv", "http:/srv/app/run/app.sock"),
      ends: `${stopBackend("srv")}; rm -r /srv/app`,
    }),
    toSocket("a socket in a home", "/home/visitor/run/app.sock", {
      files: "mkdir -p /home/visitor/run; chmod 755 /home/visitor; restorecon -R /home/visitor",
      starts: backend("home", "http:/home/visitor/run/app.sock"),
      ends: `${stopBackend("home")}; rm -r /home/visitor/run; chmod 700 /home/visitor`,
      unfixed: "the socket has to move",
    }),
    toSocket("a socket in /tmp", "/tmp/app.sock", {
      starts: backend("tmp", "http:/tmp/app.sock"),
      ends: `${stopBackend("tmp")}; rm -f /tmp/app.sock`,
      unfixed: "the socket has to move",
    }),
    {
      name: "a log that goes to a socket of an unconfined service",
      starts: `${RIGHT}; ${backend("log", "log:/run/php/log.sock")}`,
      ends: `${stopBackend("log")}; rm -f /run/php/log.sock`,
      site: { server: "access_log syslog:server=unix:/run/php/log.sock; return 200;" },
    },
    {
      name: "a log that goes to the system's own",
      site: { server: "access_log syslog:server=unix:/dev/log; return 200;" },
    },
    {
      name: "a socket of nginx's own in /srv",
      files: "mkdir -p /srv/front/run; chown www-data: /srv/front/run",
      ends: "rm -r /srv/front",
      site: { listen: "unix:/srv/front/run/front.sock", server: "return 200;" },
      url: "--unix-socket /srv/front/run/front.sock http://127.0.0.1/",
    },
  ],
};
