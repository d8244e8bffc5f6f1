/**
 * A configuration as large as one likes, always the same for a given size: per server about 570 bytes, an upstream of
 * its own with a port drawn from 1-65535, and what real files have around that.
 */

/** The `listen` ports, which every policy allows httpd_t to bind. */
const LISTEN_PORTS = [80, 443, 8080, 8443];

/** xorshift32: deterministic on every machine. Returns a function that draws an integer from 0 to `below` - 1. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** The bytes of a valid nginx configuration with that many servers. */
export function generateConfiguration(servers: number): Uint8Array {
  const draw = random(0x2545f491);
  const encoder = new TextEncoder();
  const head = `user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;

events {
    worker_connections 1024;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    log_format main '$remote_addr - $remote_user [$time_local] "$request" '
                    '$status $body_bytes_sent "$http_referer"';
    access_log /var/log/nginx/access.log main;
    sendfile on;
    keepalive_timeout 65;
`;
  let out = new Uint8Array(head.length + (servers + 1) * 600);
  let length = encoder.encodeInto(head, out).written;
  for (let i = 0; i < servers; i++) {
    const text = `
    # ---- application ${i} ----
    upstream backend_${i} {
        server 127.0.0.1:${draw(65535) + 1} max_fails=3 fail_timeout=10s;
        keepalive ${8 + draw(24)};
    }
    server {
        listen ${LISTEN_PORTS[draw(LISTEN_PORTS.length)]};
        server_name app${i}.example.com www.app${i}.example.com;
        client_max_body_size ${1 + draw(64)}m;

        location / {
            proxy_pass http://backend_${i};
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            add_header X-Frame-Options "SAMEORIGIN" always; # clickjacking
        }
    }
`;
    if (out.length - length < text.length) {
      const larger = new Uint8Array(out.length * 2);
      larger.set(out);
      out = larger;
    }
    length += encoder.encodeInto(text, out.subarray(length)).written;
  }
  length += encoder.encodeInto("}\n", out.subarray(length)).written;
  return out.slice(0, length);
}
