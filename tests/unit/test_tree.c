/*
 * Trees: merging, and writing them as YAML.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "agent/core/tree.h"
#include "report/yaml.h"

static struct tree *add_list(struct tree *map, const char *key, const char *first,
                             const char *second)
{
    struct tree *list = tree_add(map, key, TREE_LIST);

    tree_add_scalar(list, NULL, value_text(first));
    if (second != NULL)
        tree_add_scalar(list, NULL, value_text(second));
    return list;
}

static char *written(const struct tree *tree)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    yaml_write(tree, 0, out);
    (void)fclose(out);
    return text;
}

static void expect_written(const struct tree *tree, const char *expected)
{
    char *text = written(tree);

    cr_expect_str_eq(text, expected);
    free(text);
}

Test(tree, merging_joins_maps_and_lists_and_marks_each_leaf)
{
    struct tree whole = {0};
    struct tree one = {0};
    struct tree two = {0};

    add_list(tree_add(&one, "capabilities", TREE_MAP), "drop", "ALL", NULL);
    tree_add_scalar(&one, "runAsUser", value_integer(1000));
    add_list(tree_add(&two, "capabilities", TREE_MAP), "drop", "ALL", "NET_RAW");
    (void)tree_add(&two, "emptyDir", TREE_MAP);
    cr_expect(tree_merge(&whole, &one, "b.rule"));
    cr_expect(tree_merge(&whole, &two, "a.rule"));
    cr_expect(tree_merge(&whole, &two, "a.rule"));
    expect_written(&whole, "capabilities:\n"
                           "  drop:\n"
                           "    - ALL  # a.rule, b.rule\n"
                           "    - NET_RAW  # a.rule\n"
                           "runAsUser: 1000  # b.rule\n"
                           "emptyDir: {}  # a.rule\n");
    tree_free(&whole);
    tree_free(&one);
    tree_free(&two);
}

Test(tree, the_first_of_two_that_contradict_is_kept_and_it_is_said)
{
    struct tree whole = {0};
    struct tree other = {0};
    struct tree list = {0};

    tree_add_scalar(&whole, "user", value_text("a"));
    tree_add_scalar(&other, "user", value_text("b"));
    tree_add_scalar(&other, "more", value_bool(true));
    add_list(&list, "user", "x", NULL);
    cr_expect_not(tree_merge(&whole, &other, "r"));
    cr_expect_not(tree_merge(&whole, &list, "r"));
    expect_written(&whole, "user: a\nmore: true  # r\n");
    tree_free(&whole);
    tree_free(&other);
    tree_free(&list);
}

Test(tree, maps_in_lists_are_written_and_told_apart_by_content)
{
    struct tree whole = {0};
    struct tree more = {0};
    struct tree *mount = tree_add(tree_add(&more, "volumeMounts", TREE_LIST), NULL, TREE_MAP);

    tree_add_scalar(mount, "name", value_text("tmp"));
    tree_add_scalar(mount, "mountPath", value_text("/tmp"));
    (void)tree_merge(&whole, &more, "r");
    (void)tree_merge(&whole, &more, "s");
    expect_written(&whole, "volumeMounts:\n"
                           "  - name: tmp  # r, s\n"
                           "    mountPath: /tmp  # r, s\n");
    tree_free(&whole);
    tree_free(&more);
}

Test(yaml, texts_that_could_be_taken_for_something_else_are_quoted)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"ALL", "ALL"},
        {"/app/data", "/app/data"},
        {"RuntimeDefault", "RuntimeDefault"},
        {"1000:1000", "\"1000:1000\""},
        {"12", "\"12\""},
        {"no", "\"no\""},
        {"Off", "\"Off\""},
        {"null", "\"null\""},
        {"y", "\"y\""},
        {"", "\"\""},
        {"a b", "\"a b\""},
        {"a: b", "\"a: b\""},
        {"a #b", "\"a #b\""},
        {"- a", "\"- a\""},
        {"*x", "\"*x\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"a\nb: true", "\"a\\nb: true\""},
        {"a\033[31m", "\"a\\\\x1b[31m\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tree map = {0};
        char line[128];
        tree_add_scalar(&map, "k", value_text(cases[i].text));
        (void)snprintf(line, sizeof line, "k: %s\n", cases[i].expected);
        expect_written(&map, line);
        tree_free(&map);
    }
}
