/*
 * The header Accept (RFC 9110, 12.5.1). Pure.
 */
#ifndef WATERTIGHT_AGENT_SERVE_ACCEPT_H
#define WATERTIGHT_AGENT_SERVE_ACCEPT_H

enum { ACCEPT_QUALITY_MAX = 1000 };

/*
 * How welcome a media type ("text/plain; charset=utf-8": what is behind the semicolon does not
 * count) is, from 0, not at all, to ACCEPT_QUALITY_MAX. An empty header welcomes all. Where several
 * ranges fit, the most specific counts; what cannot be understood is left out.
 */
int accept_quality(const char *accept, const char *media_type);

#endif
