/** Variables that nginx's own modules define, without the families with a free ending (`$http_`, `$arg_`, `$cookie_`). */

/** ngx_http_variables.c and the `*_variables` tables of the modules in nginx's source, in the order of their files. */
export const nginxVariables: readonly string[] = (
  "args arg_ binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time content_length " +
  "content_type cookie_ document_root document_uri host hostname http_ http_host http_referer http_user_agent " +
  "http_x_forwarded_for https is_args limit_rate msec nginx_version pid pipe proxy_add_x_forwarded_for proxy_host proxy_port " +
  "proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr proxy_protocol_server_port query_string realip_remote_addr " +
  "realip_remote_port realpath_root remote_addr remote_port remote_user request request_body request_body_file " +
  "request_completion request_filename request_id request_length request_method request_time request_uri scheme " +
  "sent_http_ server_addr server_name server_port server_protocol ssl_alpn_protocol ssl_cipher ssl_client_cert " +
  "ssl_client_escaped_cert ssl_client_fingerprint ssl_client_i_dn ssl_client_s_dn ssl_client_serial ssl_client_verify " +
  "ssl_preread_alpn_protocols ssl_preread_protocol ssl_preread_server_name ssl_protocol ssl_server_name ssl_session_id " +
  "ssl_session_reused status tcpinfo_rtt tcpinfo_rttvar time_iso8601 time_local uri upstream_addr upstream_bytes_received " +
  "upstream_bytes_sent upstream_cache_status upstream_connect_time upstream_cookie_ upstream_header_time upstream_http_ " +
  "upstream_response_length upstream_response_time upstream_status invalid_referer fastcgi_path_info fastcgi_script_name " +
  "gzip_ratio http2 http3 slice_range modern_browser ancient_browser msie secure_link secure_link_expires session_time"
).split(" ");
