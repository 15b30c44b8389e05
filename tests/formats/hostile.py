"""Facts and a policy whose every text tries to be more than text, with a finding of each status."""
NAMES = [
    "/<script>alert(1)</script>", '/"><img src=http://h.invalid/x onerror=alert(1)>',
    "/a' onmouseover='x", "/&amp;&#60;", "/]]>", "/--><!--", "/a\n::error::forged",
    "/%0A::notice::forged", "/|x|y|", "/`code`", "/[link](http://h.invalid/)", "/www.h.invalid",
    "/x www.h.invalid", "/http://h.invalid", "/<http://h.invalid>", "/{0}{{", "/\\", '/"',
    "/\u202egpj", "/\ufffe\uffff", "/@someone #1 :tada:", "/**b** __c__ ~~d~~", "/$x$",
    "/\U0001f600", "/a,b:c=d", "/##[error]x",
    "/" + "long" * 60,
]
LINE = "<b>&\"' | `c` ]( % : , \\ ::error::x # h"
TEXT = LINE + "{0}\n::error::x\n# h"  # facts and prose may have several lines


def policy():
    prose = {"title": "{0}" + LINE, "explain": TEXT, "refs": [LINE],
             "remedy": {"docker": LINE, "compose": LINE, "kubernetes": LINE}}
    path = {"fact": "filesystem.write", "operator": "is", "operand": "EROFS", **prose}
    return {
        "schema": "watertight.policy/1", "name": "\"><x>&::error::,%0A", "extends": "hardened",
        "rules": {
            "shop.fail": {**path, "severity": "critical", "fact": "mount.type",
                          "operator": "is_not", "operand": "hostile",
                          "message": "{subject} " + LINE},
            "shop.low": {"severity": "low", "subjects": ["/low"], **path},
            "shop.waived": {"severity": "high", "subjects": ["/waived<"], **path},
            "shop.unknown": {"severity": "medium", "subjects": ["/unknown>"], **path},
            "shop.pass": {"severity": "medium", "subjects": ["/pass|&"], **path},
            "shop.skip": {"severity": "medium", "subjects": ["/skip<&>"], "absent": "skip", **path},
        },
        "waivers": [{"rule": "shop.waived", "reason": LINE}],
        "fail_on": "medium",
    }


def facts(observed):
    """The observed facts with the hostile ones added."""
    row = {"key": "filesystem.write", "state": "known", "value": "writable", "detail": TEXT}
    rows = [{**row, "subject": name} for name in ["/low", "/waived<"]]
    rows += [{**row, "key": "mount.type", "subject": name, "value": "hostile"} for name in NAMES]
    rows.append({**row, "subject": "/pass|&", "value": "EROFS"})
    write = {"key": "filesystem.write"}
    rows.append({**write, "subject": "/unknown>", "state": "unknown", "reason": TEXT})
    rows.append({**write, "subject": "/skip<&>", "state": "absent"})
    names = {"runtime.name", "runtime.container_id"}
    kept = [fact for fact in observed["facts"] if fact["key"] not in names]
    value = "x<\"'&|\n" + "y" * 80
    rows += [{"key": key, "state": "known", "value": value} for key in sorted(names)]
    return {**observed, "facts": kept + rows}
