import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { explained, explainedOne, firstCommands, linesOf } from "../../support/explained.ts";

/** A record of the kernel. */
function avc(permission: string, object: string, target: string, cls: string, more = "permissive=0"): string {
  return `type=AVC msg=audit(1769000001.250:77): avc:  denied  { ${permission} } for  pid=4411 comm="nginx" ${object} scontext=system_u:system_r:httpd_t:s0 tcontext=${target.includes(":") ? target : `system_u:object_r:${target}:s0`} tclass=${cls} ${more}`;
}

const failed = (what: string, rest = ""): string =>
  `2026/01/21 10:02:03 [crit] 31#31: *7 ${what} failed (13: Permission denied)${rest}`;

const shop = `events {}
http {
    server {
        listen 8082;
        server_name cat.example;
        root /srv/cats;
        location / { proxy_pass http://127.0.0.1:8080; }
        location /api/ { proxy_pass http://127.0.0.1:4567; }
        location /sock/ { proxy_pass http://unix:/run/cats/web.sock; }
        location /img/ { }
        location /dav/ { root /data; dav_methods PUT DELETE; }
        access_log /var/log/cats/access.log;
    }
}
`;

suite("the two lines of the popular how-to", () => {
  const lines = [
    failed(
      "connect() to 127.0.0.1:8080",
      ' while connecting to upstream, client: 198.51.100.4, server: cat.example, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8080/", host: "cat.example"',
    ),
    avc("name_connect", "dest=8080", "http_cache_port_t", "tcp_socket"),
  ].join("\n");

  test("are one refusal with its place and the boolean for relaying", async () => {
    const one = await explainedOne(lines, "rhel9", shop);
    assert.equal(one.verdict, "refused");
    assert.equal(one.cause, "selinux");
    assert.deepEqual(linesOf(one, shop), [7]);
    assert.equal(one.places[0]?.certainty, "certain");
    assert.deepEqual(firstCommands(one), ["sudo setsebool -P httpd_can_network_relay on"]);
    assert.deepEqual(one.refusal.lines, [1, 2]);
    assert.equal(one.refusal.count, 1);
  });

  test("say why the port needs no label", async () => {
    const { because } = await explainedOne(lines, "rhel9", shop);
    assert.ok(because.some((each) => each.includes("port 8080 needs no other label")));
  });
});

test("an upload that is copied to another file system gets a label to write there, where a renamed one would need none", async () => {
  const site = "events {}\nhttp { server { root /data/uploads; dav_methods PUT; } }\n";
  const inDirectory = ["search", "write", "add_name", "remove_name"].map((permission) => ({
    kind: "allow" as const,
    source: "httpd_t",
    target: "default_t",
    cls: "dir",
    permission,
  }));
  const onDisk = { kind: "label", path: "/data/labelled", type: "tmp_t" } as const;
  const line = avc("create", 'name="upload.0000000001"', "default_t", "file");
  const one = await explainedOne(line, "rhel9", site, { changes: [...inDirectory, onDisk] });
  assert.deepEqual(linesOf(one, site), [2]);
  assert.deepEqual(firstCommands(one), [
    "sudo semanage fcontext -a -t httpd_sys_rw_content_t '/data/uploads(/.*)?'",
    "sudo restorecon -Rv /data/uploads",
  ]);
});

test("a directory of the system's own is not the one of that name with another label", async () => {
  const site = `pid /run/nginx.pid;
events {}
http { server { location / { proxy_pass http://unix:/home/ann/run/app.sock; } } }
`;
  const line = (type: string): string => avc("search", 'name="run" dev="vda" ino=188', type, "dir");
  assert.deepEqual(linesOf(await explainedOne(line("user_home_t"), "rhel9", site), site), [3]);
  const alone = "pid /run/nginx.pid;\nevents {}\n";
  assert.deepEqual((await explainedOne(line("user_home_t"), "rhel9", alone)).places, []);
  assert.deepEqual(linesOf(await explainedOne(line("var_run_t"), "rhel9", alone), alone), [1]);
});

test("a record with a name alone tells of the past where the place has another label by now", async () => {
  const site = `events {}
http {
    server { root /data/uploads; dav_methods PUT; }
    server { location / { proxy_pass http://unix:/srv/app/run/app.sock; } }
}
`;
  const upload = avc("create", 'name="upload.0000000001"', "default_t", "file");
  const socket = avc("write", 'name="app.sock" dev="vda" ino=34', "var_t", "sock_file");
  const verdicts = async (host: readonly string[]) =>
    (await explained(`${upload}\n${socket}`, "rhel9", site, { host })).map(({ verdict }) => verdict);
  const before = ["label /data/uploads default_t dir", "label /srv/app/run/app.sock var_t sock"];
  const after = ["label /data/uploads httpd_sys_rw_content_t dir", "label /srv/app/run/app.sock httpd_var_run_t sock"];
  assert.deepEqual(await verdicts(before), ["refused", "refused"]);
  assert.deepEqual(await verdicts(after), ["allowed", "allowed"]);
  assert.deepEqual(await verdicts([]), ["refused", "refused"]);
});

suite("a record and its place", () => {
  const cases: readonly (readonly [
    name: string,
    text: string,
    lines: readonly number[],
    commands: readonly string[],
  ])[] = [
    [
      "a port",
      avc("name_connect", "dest=4567", "tram_port_t", "tcp_socket"),
      [8],
      ["sudo semanage port -m -t http_port_t -p tcp 4567", "sudo setsebool -P httpd_graceful_shutdown on"],
    ],
    [
      "listening",
      avc("name_bind", "src=8082", "us_cli_port_t", "tcp_socket"),
      [4],
      ["sudo semanage port -m -t http_port_t -p tcp 8082"],
    ],
    [
      "a file of the document root",
      avc("read", 'path="/srv/cats/tom.html"', "var_t", "file"),
      [6],
      ["sudo semanage fcontext -a -t httpd_sys_content_t '/srv/cats(/.*)?'", "sudo restorecon -Rv /srv/cats"],
    ],
    [
      "the name of a socket",
      avc("write", 'name="web.sock" dev="tmpfs" ino=5', "var_run_t", "sock_file"),
      [9],
      ["sudo semanage fcontext -a -t httpd_var_run_t '/var/run/cats(/.*)?'", "sudo restorecon -Rv /run/cats"],
    ],
    [
      "the process behind a socket",
      avc("connectto", 'path="/run/cats/web.sock"', "system_u:system_r:unconfined_service_t:s0", "unix_stream_socket"),
      [9],
      [
        "printf '%s\\n' '(allow httpd_t unconfined_service_t (unix_stream_socket (connectto)))' > nginx_connectto_unconfined_service_t.cil",
        "sudo semodule -i nginx_connectto_unconfined_service_t.cil",
      ],
    ],
    [
      "a log that a root shell made",
      avc("open", 'path="/var/log/cats/access.log"', "var_log_t", "file"),
      [12],
      ["sudo semanage fcontext -a -t httpd_log_t '/var/log/cats(/.*)?'", "sudo restorecon -Rv /var/log/cats"],
    ],
    [
      "a file that DAV was to remove",
      avc("unlink", 'name="old.txt" dev="vda2" ino=9', "default_t", "file"),
      [11],
      ["sudo semanage fcontext -a -t httpd_sys_rw_content_t '/data(/.*)?'", "sudo restorecon -Rv /data"],
    ],
  ];
  for (const [name, text, lines, commands] of cases) {
    test(name, async () => {
      const one = await explainedOne(text, "rhel9", shop);
      assert.equal(one.verdict, "refused");
      assert.deepEqual(linesOf(one, shop), lines);
      assert.deepEqual(firstCommands(one), commands);
    });
  }

  const parts = `events {}
http {
    include /srv/parts/*.conf;
    server {
        listen 443 ssl;
        ssl_certificate /srv/keys/cats/site.crt;
        location /sock/ { proxy_pass http://unix:/srv/cats/run/web.sock; }
        location / { root /srv/shop; }
    }
}
`;
  const search = (name: string): string => avc("search", `name="${name}" dev="vda2" ino=9`, "user_home_t", "dir");

  test("a directory whose record has the name alone is on the way to a certificate, or to a socket", async () => {
    assert.deepEqual(
      linesOf(await explainedOne(search("cats"), "rhel9", parts.replace("/cats/run", "/run")), parts),
      [6],
    );
    assert.deepEqual(linesOf(await explainedOne(search("run"), "rhel9", parts), parts), [7]);
    assert.deepEqual(linesOf(await explainedOne(search("elsewhere"), "rhel9", parts), parts), []);
  });

  test("nginx's own line says where a directory is that no place names", async () => {
    const line = failed(
      'open() "/srv/shop/images/a.png"',
      ', client: 198.51.100.4, server: , request: "GET /images/a.png HTTP/1.1"',
    );
    const one = await explainedOne(`${search("images")}\n${line}`, "rhel9", parts);
    assert.equal(one.refusal.subject.path, "/srv/shop/images");
    assert.deepEqual(linesOf(one, parts), [8]);
  });

  test("a part of the configuration is found by the wildcard that may have found it", async () => {
    const record = avc("read", 'name="part.conf" dev="vda2" ino=9', "var_t", "file");
    assert.deepEqual(linesOf(await explainedOne(record, "rhel9", parts), parts), [3]);
  });

  test("two backends on one port are both named, and the request tells them apart", async () => {
    const twice = shop.replace("127.0.0.1:4567", "127.0.0.1:8080");
    const record = avc("name_connect", "dest=8080", "http_cache_port_t", "tcp_socket");
    assert.deepEqual(linesOf(await explainedOne(record, "rhel9", twice), twice), [7, 8]);
    const line = failed(
      "connect() to 127.0.0.1:8080",
      ', client: 198.51.100.4, server: cat.example, request: "GET /api/x HTTP/1.1", upstream: "http://127.0.0.1:8080/api/x", host: "cat.example"',
    );
    assert.deepEqual(linesOf(await explainedOne(line, "rhel9", twice), twice), [8]);
  });

  test("a variable target is joined to its directive, as far as it is known", async () => {
    const dynamic =
      "events {}\nhttp {\n server {\n  resolver 127.0.0.1;\n  location / { proxy_pass http://$arg_to; }\n }\n}\n";
    const one = await explainedOne(
      avc("name_connect", "dest=8500", "unreserved_port_t", "tcp_socket"),
      "rhel9",
      dynamic,
    );
    assert.deepEqual(linesOf(one, dynamic), [5]);
    assert.equal(one.places[0]?.certainty, "unknown");
  });

  test("what no place explains says so and has its fix", async () => {
    const one = await explainedOne(avc("name_connect", "dest=5432", "postgresql_port_t", "tcp_socket"), "rhel9", shop);
    assert.deepEqual(one.places, []);
    assert.ok(one.because.some((each) => each.startsWith("no place of this configuration explains it")));
    assert.deepEqual(firstCommands(one), ["sudo setsebool -P httpd_can_network_connect_db on"]);
  });

  test("php-fpm shares the domain: nginx's configuration does not explain it", async () => {
    const text = avc("name_connect", "dest=8080", "http_cache_port_t", "tcp_socket").replace('"nginx"', '"php-fpm"');
    const one = await explainedOne(text, "rhel9", shop);
    assert.deepEqual(one.places, []);
    assert.ok(one.message.includes("php-fpm's connection"));
    assert.deepEqual(firstCommands(one), ["sudo setsebool -P httpd_can_network_relay on"]);
  });
});

suite("the verdict now", () => {
  test("allowed while a boolean is on names it, and the command for a host where it is off", async () => {
    const one = await explainedOne(avc("name_connect", "dest=443", "http_port_t", "tcp_socket"), "rhel7");
    assert.equal(one.verdict, "allowed");
    assert.ok(one.message.includes("httpd_graceful_shutdown is on"));
    assert.deepEqual(firstCommands(one), ["sudo setsebool -P httpd_graceful_shutdown on"]);
  });

  test("a rule that this release always had was never refused here", async () => {
    const text = avc(
      "connectto",
      'path="/run/cats/web.sock"',
      "system_u:system_r:unconfined_service_t:s0",
      "unix_stream_socket",
    );
    assert.equal((await explainedOne(text, "rhel7")).verdict, "never-refused");
    assert.equal((await explainedOne(text, "rhel9")).verdict, "refused");
  });

  test("the label of the line wins over the table", async () => {
    const one = await explainedOne(avc("name_connect", "dest=4567", "http_port_t", "tcp_socket"));
    assert.deepEqual(firstCommands(one), ["sudo setsebool -P httpd_graceful_shutdown on"]);
  });

  test("a record of a permissive domain was logged only", async () => {
    const one = await explainedOne(avc("name_connect", "dest=8080", "http_cache_port_t", "tcp_socket", "permissive=1"));
    assert.ok(one.message.includes("only logged"));
  });

  test("a file with another label than its default needs restorecon", async () => {
    const one = await explainedOne(avc("read", 'path="/var/www/html/a.html"', "user_home_t", "file"));
    assert.deepEqual(firstCommands(one), ["sudo restorecon -Rv /var/www/html/a.html"]);
  });
});

test("a secret is never to be relabelled for nginx, where its path is known and where it was moved", async () => {
  const lines = [
    avc("read", 'path="/etc/shadow"', "shadow_t", "file"),
    avc("getattr", 'path="/srv/www/shadow"', "shadow_t", "file"),
    avc("read", 'path="/etc/ssh/ssh_host_rsa_key"', "sshd_key_t", "file"),
    failed('open() "/etc/shadow"'),
  ];
  for (const line of lines) assert.deepEqual((await explainedOne(line)).fixes, [], line);
  const one = await explainedOne(avc("read", 'name="shadow" dev="vda1" ino=9', "shadow_t", "file"));
  assert.deepEqual(one.fixes, []);
  assert.ok(one.because.every((each) => !each.includes("httpd_sys_content_t")));
});

suite("content with the label of homes", () => {
  const boolean = "httpd_read_user_content on";
  test("outside of a home is relabelled, and no boolean is offered for it", async () => {
    for (const path of ["/srv/shop/a.html", "/opt/app/a.html", "/var/www/html/a.html", "/data/a.html"]) {
      const { fixes } = await explainedOne(avc("read", `path="${path}"`, "user_home_t", "file"));
      assert.ok(
        fixes.every(({ commands }) => commands.every((command) => !command.includes(boolean))),
        path,
      );
    }
  });

  test("in a home gets the label of its one directory before the boolean", async () => {
    const one = await explainedOne(avc("read", 'path="/home/ann/site/a.html"', "user_home_t", "file"));
    assert.match(firstCommands(one).join("\n"), /httpd_sys_content_t/);
    assert.ok(one.because.some((each) => each.includes("every user's files")));
  });

  test("of an unknown place is looked for first", async () => {
    const one = await explainedOne(avc("read", 'name="a.html" dev="vda2" ino=9', "user_home_t", "file"));
    assert.deepEqual(one.fixes, []);
    assert.ok(one.because.some((each) => each.includes("find / -xdev -inum 9")));
  });
});

suite("nginx's line alone", () => {
  test("is SELinux's where the policy refuses the access", async () => {
    const one = await explainedOne(failed("connect() to 127.0.0.1:4567"), "rhel9", shop);
    assert.equal(one.cause, "selinux");
    assert.equal(one.verdict, "refused");
    assert.deepEqual(linesOf(one, shop), [8]);
  });

  test("may be another label where the default one would do, and something else", async () => {
    const one = await explainedOne(failed('open() "/etc/nginx/cats.conf"'));
    assert.equal(one.cause, "unknown");
    assert.deepEqual(firstCommands(one), ["sudo restorecon -Rv /etc/nginx"]);
    assert.ok(one.because.some((each) => each.includes("namei -l /etc/nginx/cats.conf")));
  });

  test("is not SELinux's for another error, over UDP, without root, or by a deny", async () => {
    const lines = [
      '2026/01/21 10:02:03 [error] 31#31: *7 connect() failed (111: Connection refused) while connecting to upstream, client: 198.51.100.4, server: x, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:4567/", host: "x"',
      "2026/01/21 10:02:03 [crit] 31#31: connect() failed (13: Permission denied) while resolving, resolver: 192.0.2.53:53",
      'nginx: [warn] the "user" directive makes sense only if the master process runs with super-user privileges, ignored in /etc/nginx/nginx.conf:5\nnginx: [emerg] open() "/etc/nginx/cats.conf" failed (13: Permission denied)',
      '2026/01/21 10:02:03 [error] 31#31: *7 access forbidden by rule, client: 198.51.100.4, server: x, request: "GET / HTTP/1.1", host: "x"',
    ];
    for (const line of lines) assert.equal((await explainedOne(line)).cause, "not-selinux", line);
  });

  test("a bind without a protocol is that of the listen which is refused", async () => {
    const quic = "events {}\nhttp {\n server {\n  listen 443 ssl;\n  listen 443 quic;\n }\n}\n";
    const one = await explainedOne(
      "nginx: [emerg] bind() to 0.0.0.0:443 failed (13: Permission denied)",
      "rhel9",
      quic,
    );
    assert.deepEqual(linesOf(one, quic), [5]);
    assert.deepEqual(firstCommands(one), ["sudo semanage port -a -t http_port_t -p udp 443"]);
  });

  test("process 1 is a container's", async () => {
    const one = await explainedOne(
      '2026/01/21 10:02:03 [emerg] 1#1: open() "/etc/nginx/nginx.conf" failed (13: Permission denied)',
    );
    assert.equal(one.verdict, "unknown");
    assert.ok(one.because[0]?.includes(":Z"));
  });
});

test("equal refusals are one with their count, whatever the address and the process", async () => {
  const lines = ["127.0.0.1", "[::1]"].map((host, index) =>
    failed(`connect() to ${host}:4567`).replace("31#31", `3${index}#3`),
  );
  const one = await explainedOne(lines.join("\n"));
  assert.equal(one.refusal.count, 2);
});

test("nothing that a line says comes out as anything but text", async () => {
  const hostile = [
    "type=AVC msg=audit(1769000001.250:77): avc:  denied  { read } for  pid=1 comm=6E67696E780A1B5B333161 path=2F646174612F1B5B33316D0A2428726562 scontext=a:b:httpd_t:s0 tcontext=a:b:default_t:s0 tclass=file",
    failed('open() "/data/$(reboot)/`id`/[x](http://evil.example).html"'),
    failed('open() "/data/a\u202eb"'),
  ];
  for (const line of hostile) {
    for (const { message, because, fixes } of await explained(line)) {
      for (const text of [message, ...because, ...fixes.flatMap(({ commands, title }) => [...commands, title])])
        assert.match(text, /^[^\p{Cc}\p{Cf}]*$/u, JSON.stringify(text));
      for (const command of fixes.flatMap(({ commands }) => commands))
        if (command.includes("$(")) assert.match(command, /'[^']*\$\([^']*'/u);
    }
  }
});
