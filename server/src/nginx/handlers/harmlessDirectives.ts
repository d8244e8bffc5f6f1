/** Directives of other modules whose arguments name URLs and paths that nginx never opens. */

/**
 * Response headers and bodies, texts to be replaced, and locations to which requests are sent again inside of nginx:
 * headers-more, echo, substitutions, brotli, zstd, ModSecurity's rules in place, PageSpeed's domains, OpenID pages, nchan
 * and upload locations.
 */
const harmless =
  /^(?:more_(?:set|clear)_\w+|echo\w*|subs_filter\w*|replace_filter\w*|brotli\w*|zstd\w*|headers_\w+|modsecurity_transaction_id|fancyindex_\w+|concat\w*|(?:\w+_)?logout_uri|redirect_uri|\w+_(?:request|location|redirect|header|domain|origin)|upload_(?:pass|set_form_field|resumable|cleanup)|set_\w+|srcache_(?:fetch|store)|drizzle_query|postgres_query|rds_\w+|redis2_query|accept_terms_of_service|contact)$/;

/** True for a directive of another module that is known to reach nothing. */
export function isHarmless(name: string): boolean {
  return harmless.test(name);
}
