/**
 * Five configurations that stand for real servers, of 20 to 40 sites each, written from a few lines a site. Each file is
 * by its path below /etc/nginx.
 */

export interface ServerTree {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
}

const main = (http: string, more = ""): string =>
  `user nginx;\nworker_processes auto;\nerror_log /var/log/nginx/error.log;\npid /run/nginx.pid;\n${more}` +
  `events { worker_connections 1024; }\nhttp {\n  include mime.types;\n${http}  include conf.d/*.conf;\n}\n`;

const mime = ["mime.types", "types { text/html html; }\n"] as const;

function tree(name: string, http: string, sites: readonly (readonly [string, string])[], more = ""): ServerTree {
  const files = sites.map(([site, text]) => [`conf.d/${site}.conf`, text] as const);
  return { name, files: new Map([["nginx.conf", main(http, more)], mime, ...files]) };
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);

/** A host of customers: content, logs and certificates in homes. */
function sharedHosting(): ServerTree {
  const sites = numbers(30).map((i) => {
    const home = `/home/customer${i}`;
    const secure =
      i % 3 === 0
        ? `  listen 443 ssl;\n  ssl_certificate ${home}/tls/site.pem;\n  ssl_certificate_key ${home}/tls/site.key;\n`
        : "";
    return [
      `customer${i}`,
      `server {\n  listen 80;\n${secure}  server_name customer${i}.example.com;\n  root ${home}/public_html;\n` +
        `  access_log ${home}/logs/access.log;\n  location ~ \\.php$ { fastcgi_pass unix:/run/php-fpm/customer${i}.sock; }\n}\n`,
    ] as const;
  });
  return tree("shared hosting", "", sites);
}

/** One proxy before many services, most on ports, some on sockets. */
function microservices(): ServerTree {
  const sites = numbers(34).map((i) => {
    const port = [3000, 3001, 5000, 8080, 8081, 9090, 4000, 8000][i % 8] ?? 3000;
    const target = i % 9 === 0 ? `unix:/run/svc${i}/http.sock` : `127.0.0.1:${port}`;
    return [
      `svc${i}`,
      `upstream svc${i} { server ${target}; }\nserver {\n  listen 80;\n  listen [::]:80;\n  server_name svc${i}.internal;\n` +
        `  location / { proxy_pass http://svc${i}; }\n  location /metrics { proxy_pass http://127.0.0.1:9113; }\n}\n`,
    ] as const;
  });
  return tree("microservices", "", sites);
}

/** Static sites and single-page applications with interfaces on unusual ports, and QUIC. */
function agency(): ServerTree {
  const sites = numbers(25).map((i) => {
    const root = i % 4 === 0 ? `/data/www/site${i}` : `/srv/www/site${i}`;
    const quic = i % 5 === 0 ? "  listen 443 quic;\n" : "";
    const staging = i % 6 === 0 ? `  listen 8888;\n  listen [::]:8888;\n` : "";
    return [
      `site${i}`,
      `server {\n  listen 443 ssl;\n${quic}${staging}  server_name site${i}.example.org;\n  root ${root}/public;\n` +
        `  ssl_certificate /etc/pki/tls/certs/site${i}.pem;\n  ssl_certificate_key /etc/pki/tls/private/site${i}.key;\n` +
        `  access_log /data/logs/site${i}.log;\n  location /api/ { proxy_pass http://127.0.0.1:3000/; }\n}\n`,
    ] as const;
  });
  return tree("agency", "  http3 on;\n", sites);
}

/** A gateway: caches, uploads, mail and databases behind it. */
function gateway(): ServerTree {
  const sites = numbers(20).map((i) => {
    const backend = ["127.0.0.1:5601", "10.0.0.5:9200", "127.0.0.1:15672", "10.0.0.9:3000"][i % 4] ?? "";
    return [
      `gate${i}`,
      `server {\n  listen ${i % 7 === 0 ? 10443 : 80};\n  server_name gate${i}.example.net;\n  client_body_temp_path /data/tmp/gate${i};\n` +
        `  location / { proxy_pass http://${backend}; proxy_cache pages; }\n` +
        `  location /cache { memcached_pass 127.0.0.1:11211; }\n  location /files/ { root /export/files; }\n}\n`,
    ] as const;
  });
  return tree(
    "gateway",
    "  proxy_cache_path /data/cache keys_zone=pages:10m;\n",
    sites,
    "worker_rlimit_nofile 65535;\n",
  );
}

/** Python, Ruby and Node applications, each with a socket, a root and a log of its own. */
function applications(): ServerTree {
  const sites = numbers(24).map((i) => {
    const socket = [
      `/run/app${i}.sock`,
      `/home/deploy/app${i}/app.sock`,
      `/run/app${i}/app.sock`,
      `/srv/app${i}/run/app.sock`,
    ];
    return [
      `app${i}`,
      `server {\n  listen 80;\n  server_name app${i}.example.com;\n  root /opt/apps/app${i}/public;\n` +
        `  error_log /opt/apps/app${i}/log/error.log;\n  location / { try_files $uri @app; }\n` +
        `  location @app { proxy_pass http://unix:${socket[i % 4] ?? ""}; }\n}\n`,
    ] as const;
  });
  return tree("applications", "", sites);
}

export const serverTrees: readonly ServerTree[] = [
  sharedHosting(),
  microservices(),
  agency(),
  gateway(),
  applications(),
];
