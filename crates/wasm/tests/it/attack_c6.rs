//! c6: a controller reaches public addresses only, unless the operator opened more.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use valence_coprocessor_wasm::{Export, Limits, NetworkRules, Sandbox, SandboxConfig};

use crate::modules::{Argument, probe};
use crate::server::{Names, Server, response};
use crate::world::{World, call, config, limits};

/// Makes the request from a controller; the answer, or code and log.
async fn http(sandbox: &Sandbox, request: &Value) -> Result<Value, (i32, String)> {
    let host = World::new();
    let request = request.to_string();
    let wat = probe(
        "valence",
        "http",
        &[Argument::Slice(request.as_bytes()), Argument::Out],
    );
    let outcome = call(sandbox, &host, Export::Entrypoint, &wat, "{}").await;
    let log = outcome.expect("the call ends well").log.join("\n");
    match host.probed() {
        (code, _) if code < 0 => Err((code, log)),
        (_, bytes) => Ok(serde_json::from_slice(&bytes).expect("the answer is JSON")),
    }
}

fn sandbox_with_rules(network: NetworkRules) -> Sandbox {
    let limits = Limits {
        request_duration: Duration::from_secs(2),
        ..limits()
    };
    Sandbox::new(SandboxConfig {
        network,
        limits,
        ..config()
    })
    .expect("the sandbox starts")
}

fn get(url: &str) -> Value {
    json!({"url": url, "method": "get"})
}

fn allowing(targets: &[String]) -> NetworkRules {
    NetworkRules::allowing(
        targets
            .iter()
            .map(|target| target.parse().expect("a valid target")),
    )
}

#[tokio::test]
async fn attack_c6_addresses_that_are_not_public_are_refused() {
    let server = Server::with_body("secret").await;
    let sandbox = sandbox_with_rules(NetworkRules::default());
    let port = server.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0.0.0.0",
        "localhost",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[2001:db8::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[100::1]",
    ] {
        let error = http(&sandbox, &get(&format!("http://{host}:{port}/")))
            .await
            .expect_err("the request is refused");
        assert_eq!(error.0, -13, "{host}");
        assert!(
            error.1.contains("not at a public address"),
            "{host}: {}",
            error.1
        );
    }
    assert!(server.requests().is_empty(), "no request may arrive");
}

#[tokio::test]
async fn attack_c6_other_schemes_are_refused() {
    let sandbox = sandbox_with_rules(NetworkRules::default());
    for url in [
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "unix:/run/x",
    ] {
        let (code, log) = http(&sandbox, &get(url))
            .await
            .expect_err("the scheme is refused");
        assert_eq!(code, -13, "{url}");
        assert!(log.contains("only http and https"), "{log}");
    }
    let (code, log) = http(&sandbox, &get("/etc/passwd"))
        .await
        .expect_err("this is no URL");
    assert_eq!(code, -13);
    assert!(log.contains("`url` is invalid"), "{log}");
}

#[tokio::test]
async fn attack_c6_names_of_private_addresses_are_refused() {
    let server = Server::with_body("secret").await;
    let names = Names::new()
        .with("inside.example", &[&["127.0.0.1"]])
        .with("mixed.example", &[&["1.1.1.1", "127.0.0.1"]])
        .with("six.example", &[&["::ffff:127.0.0.1"]]);
    let sandbox = sandbox_with_rules(NetworkRules::default().with_resolver(Arc::new(names)));
    for name in ["inside.example", "mixed.example", "six.example"] {
        let url = format!("http://{name}:{}/", server.port());
        let (code, log) = http(&sandbox, &get(&url))
            .await
            .expect_err("the name is refused");
        assert_eq!(code, -13, "{name}");
        assert!(
            log.contains("not at a public address") && !log.contains("127.0.0.1"),
            "{name}: {log}"
        );
    }
    assert!(server.requests().is_empty(), "no request may arrive");
}

/// The first answer is harmless, the second is not: one lookup decides, and its addresses are the ones that are used.
#[tokio::test]
async fn attack_c6_rebinding_name_is_looked_up_once_and_judged_every_time() {
    let server = Server::with_body("public").await;
    let allowed = ["127.0.0.0/30".to_owned()];
    let names = Arc::new(Names::new().with("rebind.example", &[&["127.0.0.1"], &["127.0.0.9"]]));
    let sandbox = sandbox_with_rules(allowing(&allowed).with_resolver(names.clone()));
    let url = format!("http://rebind.example:{}/", server.port());
    let answer = http(&sandbox, &get(&url))
        .await
        .expect("the first address is allowed");
    assert_eq!(answer["status"], 200);
    assert_eq!(
        names.lookups(),
        1,
        "the name is not looked up again after it was judged"
    );
    let (_, log) = http(&sandbox, &get(&url))
        .await
        .expect_err("the second address is not");
    assert!(
        log.contains("not at a public address") && !log.contains("127.0.0.9"),
        "{log}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn attack_c6_redirects_are_shown_and_not_followed() {
    let inside = Server::with_body("secret").await;
    let location = format!("location: http://127.0.0.1:{}/\r\n", inside.port());
    let outside = Server::start(move |_| response("302 Found", &location, b"elsewhere")).await;
    let sandbox = sandbox_with_rules(allowing(&[format!("127.0.0.1:{}", outside.port())]));
    let url = format!("http://127.0.0.1:{}/", outside.port());
    let answer = http(&sandbox, &get(&url))
        .await
        .expect("the first hop is allowed");
    assert_eq!(answer["status"], 302);
    assert_eq!(
        answer["headers"]["location"],
        format!("http://127.0.0.1:{}/", inside.port())
    );
    assert!(
        inside.requests().is_empty(),
        "the redirect must not be followed"
    );
    let url = answer["headers"]["location"].as_str().expect("a text");
    let (code, _) = http(&sandbox, &get(url))
        .await
        .expect_err("the second hop is another port");
    assert_eq!(code, -13);
}

#[tokio::test]
async fn attack_c6_allow_list_opens_exactly_what_it_names() {
    let server = Server::with_body("welcome").await;
    let other = Server::with_body("secret").await;
    let (port, other_port) = (server.port(), other.port());
    let names = || {
        let names = Names::new().with("node.internal", &[&["127.0.0.1"]]);
        Arc::new(names.with("twin.internal", &[&["127.0.0.1"]]))
    };
    for (target, url, open) in [
        (
            format!("127.0.0.1:{port}"),
            format!("http://127.0.0.1:{port}/"),
            true,
        ),
        (
            format!("127.0.0.1:{port}"),
            format!("http://127.0.0.1:{other_port}/"),
            false,
        ),
        (
            format!("127.0.0.1:{port}"),
            format!("http://node.internal:{port}/"),
            false,
        ),
        (
            format!("node.internal:{port}"),
            format!("http://node.internal:{port}/"),
            true,
        ),
        (
            format!("node.internal:{port}"),
            format!("http://NODE.internal.:{port}/"),
            true,
        ),
        (
            format!("node.internal:{port}"),
            format!("http://node.internal:{other_port}/"),
            false,
        ),
        (
            format!("node.internal:{port}"),
            format!("http://twin.internal:{port}/"),
            false,
        ),
        (
            "node.internal".to_owned(),
            format!("http://node.internal:{port}/"),
            true,
        ),
        (
            "127.0.0.0/8".to_owned(),
            format!("http://twin.internal:{port}/"),
            true,
        ),
        (
            "127.0.0.1".to_owned(),
            format!("http://twin.internal:{port}/"),
            true,
        ),
        (
            "127.0.0.2".to_owned(),
            format!("http://127.0.0.1:{port}/"),
            false,
        ),
    ] {
        let names = names();
        let sandbox =
            sandbox_with_rules(allowing(std::slice::from_ref(&target)).with_resolver(names));
        let answer = http(&sandbox, &get(&url)).await;
        assert_eq!(answer.is_ok(), open, "{target} {url}: {answer:?}");
    }
    assert!(
        other.requests().is_empty(),
        "the other port was never named"
    );
}

#[tokio::test]
async fn attack_c6_bodies_are_limited_whether_announced_or_not() {
    let announced =
        Server::start(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\nstart".to_vec())
            .await;
    let silent = Server::start(|_| {
        let mut response = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        response.resize(6 * 1024 * 1024, b'x');
        response
    })
    .await;
    let targets = [&announced, &silent].map(|server| server.address.to_string());
    let sandbox = sandbox_with_rules(allowing(&targets));
    for target in targets {
        let (code, log) = http(&sandbox, &get(&format!("http://{target}/")))
            .await
            .expect_err("too large");
        assert_eq!(code, -13);
        assert!(log.contains("more than 4194304 bytes"), "{log}");
    }
}

#[tokio::test]
async fn attack_c6_server_that_never_answers_meets_the_time_limit() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a free port");
    let address = listener
        .local_addr()
        .expect("the listener has an address")
        .to_string();
    let sandbox = sandbox_with_rules(allowing(std::slice::from_ref(&address)));
    let (code, log) = http(&sandbox, &get(&format!("http://{address}/")))
        .await
        .expect_err("no answer");
    assert_eq!(code, -13);
    assert!(log.contains("no answer within 2s"), "{log}");
}

#[tokio::test]
async fn attack_c6_host_header_cannot_be_forged() {
    let sandbox = sandbox_with_rules(NetworkRules::default());
    let request =
        json!({"url": "http://1.1.1.1/", "headers": {"Host": "metadata.google.internal"}});
    let (code, log) = http(&sandbox, &request)
        .await
        .expect_err("the header is refused");
    assert_eq!(code, -13);
    assert!(log.contains("`host` comes from the URL"), "{log}");
}

/// The published arguments and answers: method, query, headers, body, authentication, and three forms of the body.
#[tokio::test]
async fn requests_and_answers_have_the_published_form() {
    let server = Server::start(|_| response("201 Created", "x-test: yes\r\n", b"{\"a\":1}")).await;
    let address = server.address.to_string();
    let sandbox = sandbox_with_rules(allowing(std::slice::from_ref(&address)));
    let mut request = json!({
        "url": format!("http://{address}/path?x=1"),
        "method": "PUT",
        "headers": {"Accept": "application/json", "X-Mine": "1"},
        "query": {"y": "a b"},
        "basic_auth": {"username": "me", "password": "pw"},
        "body": [104, 105],
    });
    let answer = http(&sandbox, &request).await.expect("the server answers");
    assert_eq!(answer["status"], 201);
    assert_eq!(answer["headers"]["x-test"], "yes");
    assert_eq!(answer["body"], json!({"a": 1}));
    let sent = server.requests().remove(0);
    assert!(
        sent.starts_with("PUT /path?x=1&y=a+b HTTP/1.1\r\n"),
        "{sent}"
    );
    assert!(sent.contains("authorization: Basic bWU6cHc="), "{sent}");
    assert!(
        sent.contains("x-mine: 1") && sent.ends_with("\r\n\r\nhi"),
        "{sent}"
    );

    request["headers"] = json!({"accept": "text/html"});
    let answer = http(&sandbox, &request).await.expect("the server answers");
    assert_eq!(answer["body"], "{\"a\":1}");

    let request = json!({"url": format!("http://{address}/"), "bearer": "token", "json": {"k": 1}});
    let answer = http(&sandbox, &request).await.expect("the server answers");
    assert_eq!(answer["body"], json!([123, 34, 97, 34, 58, 49, 125]));
    let sent = server.requests().remove(2);
    assert!(
        sent.starts_with("POST / ") && sent.contains("authorization: Bearer token"),
        "{sent}"
    );
    assert!(
        sent.contains("content-type: application/json") && sent.ends_with("{\"k\":1}"),
        "{sent}"
    );
}

#[tokio::test]
async fn arguments_that_are_no_json_answer_their_code() {
    let sandbox = sandbox_with_rules(NetworkRules::default());
    let host = World::new();
    let wat = probe("valence", "http", &[Argument::Slice(b"{"), Argument::Out]);
    call(&sandbox, &host, Export::Entrypoint, &wat, "{}")
        .await
        .expect("the call ends well");
    assert_eq!(host.probed().0, -11);
}
