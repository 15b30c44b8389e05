/*
 * The format html: one page for a person, which needs nothing from outside, runs no script, and
 * can be printed. Its Content-Security-Policy keeps it so even if quoting failed.
 */
#include <stdlib.h>

#include "agent/core/compare.h"
#include "agent/core/mem.h"
#include "report/markup.h"
#include "report/pieces.h"
#include "report/reporter.h"

struct page {
    const struct report *report;
    const struct finding **ranked; /* owned */
    FILE *out;
};

/* Contrasts of text are 4.5:1 or better in both schemes (WCAG 2.2, 1.4.3). */
static const char style_sheet[] =
    ":root{color-scheme:light dark;--back:#fff;--card:#f6f8fa;--text:#1b1f24;--soft:#57606a;"
    "--line:#d0d7de;--fail:#b3161d;--pass:#116329;--unknown:#7d4e00;--other:#57606a}\n"
    "@media(prefers-color-scheme:dark){:root{--back:#0d1117;--card:#161b22;--text:#e6edf3;"
    "--soft:#9da7b1;--line:#30363d;--fail:#ff7b72;--pass:#56d364;--unknown:#e3b341;"
    "--other:#9da7b1}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:62rem;padding:1.5rem 1rem 3rem;background:var(--back);"
    "color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
    "h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}\n"
    "h2{font-size:1.25rem;margin:2.25rem 0 .75rem}\n"
    "h3{font-size:1rem;margin:0}\n"
    "p{margin:.35rem 0}\n"
    "code,.name{font-family:ui-monospace,monospace;font-size:.9em;unicode-bidi:isolate}\n"
    ".soft,dt{color:var(--soft)}\n"
    ".fail{--tone:var(--fail)}.pass{--tone:var(--pass)}.incomplete,.unknown{--tone:var(--unknown)}"
    ".skip,.waived{--tone:var(--other)}\n"
    "header{border-left:.4rem solid var(--tone);padding-left:1rem}\n"
    "h1 strong,.tag{color:var(--tone)}\n"
    ".tag{border:1px solid;border-radius:1rem;padding:0 .6rem;font-size:.8rem;font-weight:600;"
    "white-space:nowrap}\n"
    "article{background:var(--card);border:1px solid var(--line);"
    "border-left:.25rem solid var(--tone);border-radius:.4rem;padding:.75rem 1rem;"
    "margin:0 0 .75rem;break-inside:avoid}\n"
    ".head{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline}\n"
    "dl{display:grid;grid-template-columns:8.5rem 1fr;gap:.25rem .75rem;margin:.6rem 0 0;"
    "font-size:.925rem}\n"
    "dd{margin:0;min-width:0}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:.925rem}\n"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;"
    "border-bottom:1px solid var(--line)}\n"
    "thead th{color:var(--soft);font-weight:600}tbody th{font-weight:400}\n"
    "footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.75rem;"
    "font-size:.85rem}\n"
    "@media(max-width:36rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}"
    "tbody .name{font-size:.75rem}}\n"
    "@media print{:root{--back:#fff;--card:#fff;--text:#000;--soft:#444;--line:#999;"
    "--fail:#b3161d;--pass:#116329;--unknown:#7d4e00;--other:#444}body{max-width:none;padding:0;"
    "font-size:10pt}}\n";

static void put(const struct page *page, const char *markup)
{
    (void)fputs(markup, page->out);
}

static void put_element(const struct page *page, const char *before, const char *text,
                        const char *after)
{
    put(page, before);
    markup_put(text, page->out);
    put(page, after);
}

static void put_pair(const struct page *page, const char *label, const char *text, bool is_code)
{
    (void)fprintf(page->out, "<dt>%s</dt>", label);
    put_element(page, is_code ? "<dd><code>" : "<dd>", text,
                is_code ? "</code></dd>\n" : "</dd>\n");
}

/* --- the head of the page ------------------------------------------------------------------- */

static void put_start(const struct page *page)
{
    const struct report *report = page->report;

    put(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
              "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\" />\n"
              "<meta http-equiv=\"Content-Security-Policy\" "
              "content=\"default-src 'none'; style-src 'unsafe-inline'\" />\n<title>");
    (void)fprintf(page->out, "watertight: %s, policy ", verdict_name(report->verdict));
    put_element(page, "", report->policy->name, "</title>\n<style>\n");
    put(page, style_sheet);
    put(page, "</style>\n</head>\n<body>\n");
}

static void put_header(const struct page *page)
{
    const struct report *report = page->report;
    const char *verdict = verdict_name(report->verdict);
    CLEANUP(mem_free_text) char *counts = pieces_counts(report);
    CLEANUP(mem_free_text) char *target = pieces_target(report);
    CLEANUP(mem_free_text)
    char *policy = mem_format("%s (%s)", report->policy->name, report->policy->source);

    (void)fprintf(page->out, "<header class=\"%s\">\n<h1>watertight: <strong>%s</strong></h1>\n",
                  verdict, verdict);
    put_element(page, "<p>", counts, "</p>\n<dl>\n");
    put_pair(page, "Policy", policy, false);
    put_pair(page, "Target", target, false);
    put_pair(page, "Started", report->started, false);
    (void)fprintf(page->out, "<dt>Duration</dt><dd>%.1f ms</dd>\n</dl>\n</header>\n<main>\n",
                  report->duration_ms);
}

/* --- findings ------------------------------------------------------------------------------- */

static void put_card_head(const struct page *page, const struct finding *finding)
{
    CLEANUP(mem_free_text) char *name = pieces_name(finding);
    CLEANUP(mem_free_text) char *severity = pieces_severity(finding, page->report->policy);

    (void)fprintf(page->out, "<article class=\"%s\">\n<div class=\"head\">",
                  status_name(finding->status));
    put_element(page, "<h3 class=\"name\">", name, "</h3> ");
    put_element(page, "<span class=\"tag\">", severity, "</span></div>\n");
    put_element(page, "<p class=\"soft\">", finding->rule->title, "</p>\n");
    put_element(page, "<p>", finding->message, "</p>\n");
}

static void put_details(const struct page *page, const struct finding *finding)
{
    CLEANUP(mem_free_text) char *expected = compare_words(finding->rule->op, &finding->expected);
    CLEANUP(mem_free_text) char *observed = pieces_observed(finding);

    put(page, "<dl>\n");
    put_pair(page, "Expected", expected, true);
    if (finding->status == STATUS_FAIL)
        put_pair(page, "Observed", observed, true);
    for (size_t i = 0; i < REMEDIES; i++) {
        static const char *const labels[REMEDIES] = {"Fix: Docker", "Fix: Compose",
                                                     "Fix: Kubernetes"};
        struct remedy_line line = pieces_remedy(&finding->rule->remedy, i);
        if (line.text != NULL)
            put_pair(page, labels[i], line.text, true);
    }
    put(page, "</dl>\n");
}

static void put_cards(const struct page *page, enum status status, const char *title)
{
    const struct findings *findings = page->report->findings;

    if (findings->totals[status] == 0)
        return;
    (void)fprintf(page->out, "<section>\n<h2>%s (%zu)</h2>\n", title, findings->totals[status]);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = page->ranked[i];
        if (finding->status != status)
            continue;
        put_card_head(page, finding);
        if (status == STATUS_FAIL || status == STATUS_UNKNOWN)
            put_details(page, finding);
        put(page, "</article>\n");
    }
    put(page, "</section>\n");
}

static void put_passes(const struct page *page)
{
    const struct findings *findings = page->report->findings;

    if (findings->totals[STATUS_PASS] == 0)
        return;
    (void)fprintf(page->out,
                  "<section class=\"pass\">\n<h2>Passed (%zu)</h2>\n<div class=\"wide\">\n<table>\n"
                  "<thead><tr><th scope=\"col\">Check</th><th scope=\"col\">What holds</th></tr>"
                  "</thead>\n<tbody>\n",
                  findings->totals[STATUS_PASS]);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = page->ranked[i];
        if (finding->status != STATUS_PASS)
            continue;
        CLEANUP(mem_free_text) char *name = pieces_name(finding);
        put_element(page, "<tr><th scope=\"row\" class=\"name\">", name, "</th>");
        put_element(page, "<td>", finding->rule->title, "</td></tr>\n");
    }
    put(page, "</tbody>\n</table>\n</div>\n</section>\n");
}

static void html_report(const struct report *report, const struct report_style *style, FILE *out)
{
    struct page page = {
        .report = report,
        .ranked = pieces_ranked(report->findings),
        .out = out,
    };

    (void)style;
    put_start(&page);
    put_header(&page);
    put_cards(&page, STATUS_FAIL, "Failed");
    put_cards(&page, STATUS_UNKNOWN, "Not determined");
    put_cards(&page, STATUS_WAIVED, "Waived");
    put_cards(&page, STATUS_SKIP, "Skipped");
    put_passes(&page);
    put_element(&page, "</main>\n<footer class=\"soft\">Made by watertight ", report->tool_version,
                "</footer>\n</body>\n</html>\n");
    free(page.ranked);
}

const struct reporter reporter_html = {
    .name = "html",
    .summary = "one page for a browser, with nothing from outside; can be printed",
    .content_type = "text/html; charset=utf-8",
    .write = html_report,
};
