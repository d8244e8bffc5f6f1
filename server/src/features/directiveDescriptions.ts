/** What the directives do that people meet most, in a sentence each: for hovers and completion. */

// One line per directive: its name, a blank, and the sentence. Names with a common ending stand for several modules.
const TEXT = `
absolute_redirect Whether nginx's own redirects name scheme and host, or the path alone.
access_log Where requests are logged, and in which format; "off" logs none.
accept_mutex Whether workers take turns in accepting connections.
acme_issuer Defines an ACME server from which certificates are ordered.
add_header Adds a header to responses with the usual success and redirect codes; "always" to all.
aio How files are read: by threads or by the kernel's asynchronous calls, so that no worker waits for the disk.
alias Replaces the part of the path that the location matches by this directory.
allow Lets clients of this address or network in.
auth_basic Asks for a user name and password; the text is shown to the user.
auth_basic_user_file The file with user names and password hashes.
auth_http The HTTP server that tells mail logins apart and names their backend.
auth_request Asks this URI first; the request goes on if it answers with 2xx.
auth_request_set Keeps a value of the answer to auth_request in a variable.
autoindex Lists the files of a directory that has no index file.
break Ends the processing of rewrite directives here.
charset The charset that is named in Content-Type.
client_body_buffer_size Request bodies up to this size stay in memory; larger ones are written to client_body_temp_path.
client_body_temp_path The directory for request bodies that do not fit into memory.
client_body_timeout How long nginx waits between two reads of a request's body.
client_header_buffer_size The first buffer for a request's header.
client_header_timeout How long a client may take to send its header.
client_max_body_size The largest request body; a larger one is answered with 413. 0 sets no limit.
daemon Whether nginx goes into the background.
dav_methods The WebDAV methods that are allowed: they create, move and delete files below the document root.
debug_connection Logs at the level debug for clients of this address.
default_type The Content-Type of files whose ending is not in types.
deny Keeps clients of this address or network out.
directio Files from this size on are read past the page cache.
env Keeps or sets an environment variable for the workers.
error_log Where errors are logged, from which level on.
error_page Shows this URI for an error code.
etag Whether static files get an ETag.
events The block for how connections are processed.
expires Sets Expires and Cache-Control.
fastcgi_cache The cache zone for responses of FastCGI servers.
fastcgi_cache_path The directory and the zone of a cache of FastCGI responses.
fastcgi_index The file name that is added to a URI with a slash at its end.
fastcgi_param A parameter that is passed to the FastCGI server.
fastcgi_pass Passes the request to a FastCGI server: HOST:PORT, unix:PATH, or an upstream.
fastcgi_split_path_info The regular expression that splits a script's name from its path info.
fastcgi_temp_path The directory for FastCGI responses that do not fit into memory.
geo Sets a variable by the client's address.
grpc_pass Passes the request to a gRPC server.
gzip Whether responses are compressed.
gzip_static Sends FILE.gz, where it exists, in place of FILE.
gzip_types The content types that are compressed besides text/html.
hash Chooses the server of an upstream by this key.
http The block for everything about HTTP.
http2 Whether HTTP/2 is spoken.
http3 Whether HTTP/3 is spoken on QUIC listeners.
if Applies its block where the condition holds.
include Reads another file, or all that match a pattern, in this place.
index The files that are tried for a URI with a slash at its end.
internal The location answers internal redirects only.
ip_hash Chooses the server of an upstream by the client's address.
js_import Imports a module of njs.
keepalive Idle connections to the upstream that each worker keeps.
keepalive_timeout How long an idle connection to a client stays open.
large_client_header_buffers The buffers for long request lines and headers.
least_conn Chooses the server of an upstream with the fewest connections.
limit_conn The most connections at a time for one key of the zone.
limit_conn_zone The key and the shared memory that count connections.
limit_except Limits methods other than those named.
limit_rate Bytes per second for each response.
limit_req The rate of requests is held to that of the zone.
limit_req_zone The key, the rate and the shared memory that count requests.
listen The address and port, or the unix socket, on which nginx listens.
load_module Loads a dynamic module: a file that nginx must be able to read and execute.
location Configuration for the URIs that match.
lock_file The file for locks, where the system has no atomic operations.
log_format A format for access_log.
mail The block for proxying mail.
map Sets a variable by the value of another.
master_process Whether workers are started; "off" is for developers.
memcached_pass Asks a memcached server for the response.
merge_slashes Whether several slashes in a URI count as one.
mirror Sends a copy of each request to this URI, and ignores the answer.
multi_accept Whether a worker takes all waiting connections at once.
open_file_cache Keeps descriptors and facts of files that are used often.
pcre_jit Whether regular expressions are compiled to machine code: SELinux calls that execmem.
pid The file with the process id of nginx.
port_in_redirect Whether nginx's own redirects name the port.
proxy_bind The local address of connections to the backend.
proxy_buffering Whether responses are read from the backend as fast as it sends.
proxy_buffers Number and size of the buffers for one response.
proxy_cache The cache zone for responses of the backend.
proxy_cache_key What identifies a cached response.
proxy_cache_path The directory and the zone of a cache of responses.
proxy_cache_valid How long responses are cached, by their code.
proxy_connect_timeout How long connecting to the backend may take.
proxy_cookie_path Changes the path of cookies of the backend.
proxy_hide_header Leaves out a header of the backend's response.
proxy_http_version The version of HTTP that is spoken with the backend.
proxy_intercept_errors Whether error_page applies to error codes of the backend too.
proxy_next_upstream When the request goes on to the next server of the upstream.
proxy_pass Passes the request to a backend: http://HOST:PORT, http://unix:PATH:, or an upstream. SELinux must let nginx connect there.
proxy_pass_request_headers Whether the client's headers reach the backend.
proxy_protocol Whether the PROXY protocol is spoken.
proxy_read_timeout How long nginx waits between two reads from the backend.
proxy_redirect Changes Location and Refresh of the backend's response.
proxy_request_buffering Whether a request's body is read whole before it is sent to the backend.
proxy_send_timeout How long nginx waits between two writes to the backend.
proxy_set_header Sets a header of the request to the backend.
proxy_ssl_certificate The certificate that nginx shows the backend.
proxy_ssl_certificate_key The key of the certificate that nginx shows the backend.
proxy_ssl_name The name that the backend's certificate must have.
proxy_ssl_server_name Whether the name is sent to the backend by SNI.
proxy_ssl_trusted_certificate The CA certificates that the backend's certificate is checked with.
proxy_ssl_verify Whether the backend's certificate is checked.
proxy_store Keeps each response as a file.
proxy_temp_path The directory for responses that do not fit into memory.
proxy_timeout How long a connection may be idle.
random Chooses the server of an upstream by chance.
real_ip_header The header that holds the client's address.
resolver The DNS servers for names that are not known at the start. UDP needs no SELinux permission.
return Answers with a code, and a text or a URL.
rewrite Changes the URI that matches a regular expression.
root The document root: the path of the URI is added to it.
satisfy Whether all access checks must pass, or any.
scgi_pass Passes the request to an SCGI server.
send_timeout How long nginx waits between two writes to a client.
sendfile Whether the kernel copies files to the connection.
server A virtual server, or a backend of an upstream.
server_name The names for which a virtual server answers.
server_tokens Whether the version of nginx is shown.
set Sets a variable.
set_real_ip_from Clients of this network may name the client's real address.
split_clients Sets a variable by chance, by shares of a key.
ssi Whether server-side includes are processed.
ssl_certificate The certificate with its chain.
ssl_certificate_key The key of the certificate.
ssl_ciphers The ciphers, in OpenSSL's format.
ssl_client_certificate The CA certificates that clients' certificates are checked with.
ssl_crl The list of revoked certificates.
ssl_dhparam The parameters for DHE ciphers.
ssl_password_file The file with passphrases of keys.
ssl_preread Reads the TLS hello without decrypting it, for variables such as $ssl_preread_server_name.
ssl_protocols The versions of TLS.
ssl_session_cache The kind and size of the cache of TLS sessions.
ssl_stapling Sends the OCSP response along: nginx then connects to the certificate's responder, mostly on tcp port 80.
ssl_trusted_certificate The CA certificates for OCSP and for clients' certificates, without telling clients.
ssl_verify_client Whether clients must show a certificate.
stream The block for proxying TCP and UDP.
stub_status A page with a few counters.
sub_filter Replaces a text in responses.
tcp_nodelay Whether small packets are sent at once.
tcp_nopush Whether headers and the beginning of a file are sent in one packet.
try_files Serves the first of these files that exists, else the last argument.
types Content types by the ending of file names.
upstream A group of backends.
use The method of waiting for connections.
user The user and group of the workers.
uwsgi_pass Passes the request to a uWSGI server.
valid_referers The values of Referer for which $invalid_referer is empty.
worker_connections The most connections of one worker, those to backends included.
worker_processes The number of workers; "auto" is one per processor.
worker_rlimit_core The largest core file of a worker. Raising it needs a permission of SELinux.
worker_rlimit_nofile The most open files of a worker. Changing the hard limit needs a permission of SELinux.
working_directory The directory in which workers run, and leave core files.
zone The shared memory in which the workers keep the state of an upstream.
`;

const descriptions: ReadonlyMap<string, string> = new Map(
  TEXT.trim()
    .split("\n")
    .map((line): [string, string] => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
);

/** Name and sentence of each. */
export function describedDirectives(): Iterable<readonly [name: string, text: string]> {
  return descriptions;
}

/** A sentence about a directive; null where there is none. */
export function directiveDescription(name: string): string | null {
  return descriptions.get(name) ?? null;
}
