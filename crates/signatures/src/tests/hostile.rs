use super::found;

fn each(signature: &str, values: &[&str]) {
    for value in values {
        assert!(found(value).contains(&signature), "{value}: {:?}", found(value));
    }
}

#[test]
fn finds_sql() {
    each(
        "sqli",
        &[
            "1234 OR 1=1",
            "' or '1'='1",
            "x' OR 'x'='x' --",
            "admin'--",
            "admin' #",
            "admin'/*",
            "1' and sleep(5)-- -",
            "-1 UNION ALL SELECT null,null",
            "1/**/union/**/select/**/1",
            "1 uni%6fn select 2",
            "';drop table users;--",
            "1; exec xp_cmdshell 'dir'",
            "1 and (select count(*) from t) > 0",
            "x'||(select 1)||'",
            "1 waitfor delay '0:0:5'",
            "1 order by 5--",
            "select * from users",
            "1 into outfile '/tmp/x'",
            "%27%20or%20%271%27=%271",
            "＇ or ＇1＇=＇1",
            "1 and extractvalue(1,concat(0x7e,version()))",
            "1' having 1=1--",
            "1) or (1=1",
            "' union select password from users--",
        ],
    );
}

#[test]
fn finds_scripts() {
    each(
        "xss",
        &[
            "<script>alert(1)</script>",
            "<SCRIPT SRC=//x>",
            "<img src=x onerror=alert(1)>",
            "\" onmouseover=\"x()",
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            "java&Tab;script:alert(1)",
            "&lt;script&gt;",
            "\\u003cscript\\u003e",
            "%3Csvg/onload=x%3E",
            "<x:script>",
            "< s c r i p t >",
            "data:text/html,<b>",
            "document.cookie",
            "self[\"alert\"](1)",
            "eval('1')",
            "+ADw-script+AD4-",
        ],
    );
}

#[test]
fn finds_ways_to_files() {
    each(
        "path_traversal",
        &[
            "../x",
            "..\\x",
            "a/../../b",
            "%2e%2e%2fx",
            "..%c0%afx",
            "..%255cx",
            "/etc/passwd",
            "file:///x",
            "x.php\0.jpg",
            "a/..",
            "..;/x",
        ],
    );
}

#[test]
fn finds_commands() {
    each(
        "command",
        &[
            "; wget http://x",
            "| sh",
            "&& whoami",
            "$(id)",
            "`id`",
            "x;ls${IFS}-la",
            "/bin/sh -c x",
            "() { :;}; echo x",
            "c''at /etc/passwd",
            "cat /etc/pas[s]wd",
            "if exist x.txt echo y",
            "for %i in (a) do x",
        ],
    );
}

#[test]
fn finds_expressions() {
    each(
        "template",
        &[
            "{{7*7}}",
            "${7*7}",
            "#{runtime.exec('id')}",
            "<%= 7*7 %>",
            "${jndi:ldap://x}",
            "${${lower:j}ndi:x}",
            "{% if x %}",
            "__proto__",
        ],
    );
}

#[test]
fn finds_lines() {
    each("crlf", &["x\r\nSet-Cookie: a=b", "x%0d%0aLocation:%20//x", "x\nHTTP/1.1 200 OK"]);
}
