//! Tests of the server by itself: it answers its own page, and nothing else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::running::Running;

/// A request for the page with these headers.
fn page(path: &str, headers: &[(&str, &str)]) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("GET {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n")
}

#[test]
fn its_own_page_is_answered_with_a_strict_policy() {
    let server = Running::start(&[]);
    let own = format!("http://{}", server.host());
    for headers in [vec![("Host", server.host())], vec![("Host", server.host()), ("Origin", own.as_str())]] {
        let answer = server.send(&page(server.path(), &headers));
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("<script type=\"module\" src=\"playground.js\">"));
        assert!(answer.head.contains("default-src 'none'; script-src 'self'; style-src 'self'"));
        assert!(!answer.head.contains("unsafe") && answer.head.contains("Referrer-Policy: no-referrer"));
    }
    let module = server.send(&page(&format!("{}diagram.js", server.path()), &[("Host", server.host())]));
    assert!(module.status == 200 && module.head.contains("text/javascript"));
    let none = server.send(&page(&format!("{}../Cargo.toml", server.path()), &[("Host", server.host())]));
    assert_eq!(none.status, 404);
}

#[test]
fn a_foreign_host_a_foreign_origin_and_a_wrong_token_get_nothing() {
    let server = Running::start(&[]);
    let (host, path) = (server.host(), server.path());
    let port = host.rsplit_once(':').expect("it has a port").1;
    let elsewhere = format!("attacker.example:{port}");
    let other_port = "http://127.0.0.1:1";
    let wrong = format!("/{}/", "0".repeat(32));
    let half = &path[..path.len() / 2];
    let requests = [
        page(path, &[("Host", "attacker.example")]),
        page(path, &[("Host", &elsewhere)]),
        page(path, &[]),
        page(path, &[("Host", host), ("Host", &elsewhere)]),
        page(path, &[("Host", host), ("Origin", "http://attacker.example")]),
        page(path, &[("Host", host), ("Origin", "null")]),
        page(path, &[("Host", host), ("Origin", other_port)]),
        page(path, &[("Host", host), ("Origin", &format!("https://{host}"))]),
        page("/", &[("Host", host)]),
        page("/playground.js", &[("Host", host)]),
        page(&wrong, &[("Host", host)]),
        page(half, &[("Host", host)]),
        server.posted("", "{}").replace(path, &wrong),
    ];
    for request in requests {
        let answer = server.send(&request);
        // A request without a host is no HTTP at all.
        assert!([400, 403].contains(&answer.status), "{request}: {}", answer.status);
        assert_eq!(answer.body, "", "{request}");
    }
}

#[test]
fn connections_that_arrive_together_and_stay_open_are_all_answered() {
    let server = Running::start(&[]);
    let request =
        page(server.path(), &[("Host", server.host())]).replace("Connection: close", "Connection: keep-alive");
    for _ in 0..5 {
        let mut together: Vec<TcpStream> =
            (0..12).map(|_| TcpStream::connect(server.host()).expect("it listens")).collect();
        for stream in &mut together {
            stream.set_read_timeout(Some(Duration::from_secs(30))).expect("it is a time");
            stream.write_all(request.as_bytes()).expect("it reads");
        }
        for stream in &mut together {
            let mut first = [0; 15];
            stream.read_exact(&mut first).expect("each connection has an answer");
            assert_eq!(&first, b"HTTP/1.1 200 OK");
        }
    }
}

#[test]
fn the_session_not_used_for_longest_is_told_that_it_ended() {
    let server = Running::start(&["--sessions", "2"]);
    let open = |body: &str| server.post(body, "").body;
    assert_eq!(open("sessions"), r#"{"ok":true,"session":1}"#);
    open("sessions");
    open("sessions");
    let ask = |session: u32| server.post(&format!("sessions/{session}"), r#"{"do":"undo"}"#);
    let ended = ask(1);
    assert_eq!(ended.status, 410);
    assert!(ended.body.contains("session 1 has ended: at most 2 are kept"), "{}", ended.body);
    assert_eq!([ask(2).status, ask(3).status, ask(4).status], [200, 200, 410]);
    assert_eq!(server.post("sessions/none", "{}").status, 404);
}

#[test]
fn a_request_that_is_too_large_is_refused_with_the_limit() {
    let server = Running::start(&[]);
    server.post("sessions", "");
    // The length is announced; the server need not wait for the bytes to refuse them.
    let large = server.posted("sessions/1", "").replace("Content-Length: 0", "Content-Length: 9999999");
    let answer = server.send_and_close(&large);
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("a request has at most 4194304 bytes"), "{}", answer.body);
    let unread = server.post("sessions/1", "no JSON");
    assert!(unread.status == 200 && unread.body.contains(r#""ok":false"#), "{}", unread.body);
}

#[test]
fn a_request_that_announces_more_than_any_memory_harms_nobody() {
    let server = Running::start(&[]);
    for path in ["/", server.path()] {
        let absurd =
            format!("POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: 99999999999999\r\n\r\n", server.host());
        server.say(&absurd);
    }
    assert_eq!(server.send(&page(server.path(), &[("Host", server.host())])).status, 200);
}

#[test]
fn a_session_performs_what_it_is_asked() {
    let server = Running::start(&["figure-8"]);
    let start = server.send(&page(&format!("{}start.json", server.path()), &[("Host", server.host())]));
    assert!(start.body.contains("raft/figure-8"), "{}", start.body);
    server.post("sessions", "");
    let ask = |body: &str| server.post("sessions/1", body).body;
    assert!(ask(r#"{"do":"open","cluster":"raft nodes=3"}"#).starts_with(r#"{"ok":true"#));
    let led = ask(r#"{"do":"perform","line":"until leader within=5s"}"#);
    assert!(led.contains("LeaderElected"), "{led}");
}

#[test]
fn signals_end_it_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let mut server = Running::start(&[]);
        let (code, output) = server.end_by(signal);
        assert_eq!(code, Some(0), "{output}");
        assert!(output.contains("The playground has ended."), "{output}");
    }
}

#[test]
fn what_does_not_exist_is_said_before_anything_starts() {
    let (code, errors) = Running::fail(&["figure-88", "--no-open"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("did you mean 'figure-8'?"), "{errors}");
    let server = Running::start(&[]);
    let port = server.host().rsplit_once(':').expect("it has a port").1;
    let (code, errors) = Running::fail(&["--port", port, "--no-open"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{errors}");
}
