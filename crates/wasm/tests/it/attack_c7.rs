//! c7: a controller names a chain and a method, and shapes nothing else of a request to the operator's node.

use serde_json::{Value, json};
use valence_coprocessor_wasm::{Export, RpcEndpoints, Sandbox, SandboxConfig};

use crate::modules::{Argument, probe};
use crate::server::{Server, response};
use crate::world::{World, call, config};

async fn rpc(
    sandbox: &Sandbox,
    chain: &str,
    method: &str,
    params: &str,
) -> Result<Value, (i32, String)> {
    let host = World::new();
    let arguments = [chain, method, params].map(|text| Argument::Slice(text.as_bytes()));
    let wat = probe(
        "valence",
        "alchemy",
        &[&arguments[..], &[Argument::Out]].concat(),
    );
    let outcome = call(sandbox, &host, Export::Entrypoint, &wat, "{}").await;
    let log = outcome.expect("the call ends well").log.join("\n");
    match host.probed() {
        (code, _) if code < 0 => Err((code, log)),
        (_, bytes) => Ok(serde_json::from_slice(&bytes).expect("the answer is JSON")),
    }
}

fn sandbox_with_nodes(rpc: RpcEndpoints) -> Sandbox {
    Sandbox::new(SandboxConfig { rpc, ..config() }).expect("the sandbox starts")
}

fn node(server: &Server, path: &str) -> url::Url {
    format!("http://{}{path}", server.address)
        .parse()
        .expect("a valid URL")
}

#[tokio::test]
async fn attack_c7_names_that_are_no_chain_are_refused_before_any_request() {
    let server = Server::with_body("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}").await;
    let endpoints = RpcEndpoints::new()
        .with_node("anvil", node(&server, "/"))
        .with_alchemy_key("alchemy-secret-key")
        .with_ankr_key("ankr-secret-key");
    let sandbox = sandbox_with_nodes(endpoints);
    let long = "a".repeat(65);
    for chain in [
        "evil.example/?x=",
        "evil.example/#",
        "evil.example\\",
        "user:pw@evil.example",
        "anvil/../x",
        "127.0.0.1:80/",
        "ANVIL",
        "eth_mainnet",
        " anvil",
        "anvil\0",
        "ännvil",
        "",
        &long,
    ] {
        let (code, log) = rpc(&sandbox, chain, "eth_chainId", "[]")
            .await
            .expect_err("refused");
        assert_eq!(code, -18, "{chain}");
        assert!(log.contains("it must match [a-z0-9-]{1,64}"), "{log}");
        assert!(!log.contains("secret-key"), "{log}");
    }
    assert!(server.requests().is_empty(), "no request may leave");
}

#[tokio::test]
async fn attack_c7_chain_without_a_node_is_refused_with_what_to_do() {
    let sandbox = sandbox_with_nodes(RpcEndpoints::new());
    let (code, log) = rpc(&sandbox, "moon", "eth_chainId", "[]")
        .await
        .expect_err("unknown");
    assert_eq!(code, -18);
    assert!(log.contains("--rpc moon=URL"), "{log}");
}

/// A hostile node repeats the key of the URL; neither the code nor the log shows it.
#[tokio::test]
async fn attack_c7_keys_stay_out_of_errors() {
    let repeating = Server::start(|request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let body = json!({"error": {"code": -32000, "message": format!("bad path {path}")}});
        response("401 Unauthorized", "", body.to_string().as_bytes())
    })
    .await;
    let url = node(&repeating, "/v2/0123456789abcdef?apikey=fedcba");
    let sandbox = sandbox_with_nodes(RpcEndpoints::new().with_node("moon", url));
    let (code, log) = rpc(&sandbox, "moon", "eth_chainId", "[]")
        .await
        .expect_err("refused");
    assert_eq!(code, -19);
    assert!(
        log.contains("error -32000: bad path /v2/[redacted]"),
        "{log}"
    );
    assert!(
        !log.contains("0123456789abcdef") && !log.contains("fedcba"),
        "{log}"
    );

    let debug = format!(
        "{:?}",
        RpcEndpoints::new().with_alchemy_key("alchemy-secret-key")
    );
    assert!(!debug.contains("secret"), "{debug}");
}

#[tokio::test]
async fn node_is_called_as_json_rpc_and_its_result_comes_back() {
    let server =
        Server::with_body("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":[1, 2]}}").await;
    let sandbox = sandbox_with_nodes(RpcEndpoints::new().with_node("anvil", node(&server, "/rpc")));
    let result = rpc(&sandbox, "anvil", "eth_getProof", "[\"0x0\", []]").await;
    assert_eq!(result, Ok(json!({"x": [1, 2]})));
    let request = server.requests().remove(0);
    assert!(request.starts_with("POST /rpc HTTP/1.1"), "{request}");
    let (_, body) = request.split_once("\r\n\r\n").expect("a head and a body");
    let body: Value = serde_json::from_str(body).expect("the body is JSON");
    let expected =
        json!({"jsonrpc": "2.0", "id": 1, "method": "eth_getProof", "params": ["0x0", []]});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn null_is_a_result_and_its_absence_is_not() {
    for (body, expected) in [
        ("{\"result\":null}", Ok(Value::Null)),
        ("{\"id\":1}", Err("neither result nor error")),
        ("<html>", Err("not JSON-RPC")),
        (
            "{\"error\":{\"code\":-32601,\"message\":\"no such method\"}}",
            Err("no such method"),
        ),
    ] {
        let server = Server::with_body(body).await;
        let sandbox =
            sandbox_with_nodes(RpcEndpoints::new().with_node("anvil", node(&server, "/")));
        match (rpc(&sandbox, "anvil", "eth_x", "[]").await, expected) {
            (Ok(result), Ok(expected)) => assert_eq!(result, expected),
            (Err((code, log)), Err(reason)) => {
                assert_eq!(code, -19);
                assert!(log.contains(reason), "{log}");
            }
            (result, _) => panic!("{body}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn next_node_is_asked_when_one_fails() {
    let broken = Server::start(|_| response("503 Service Unavailable", "", b"down")).await;
    let working = Server::with_body("{\"result\":\"0x1\"}").await;
    let endpoints = RpcEndpoints::new()
        .with_node("moon", node(&broken, "/"))
        .with_node("moon", node(&working, "/"));
    let result = rpc(&sandbox_with_nodes(endpoints), "moon", "eth_chainId", "[]").await;
    assert_eq!(result, Ok(json!("0x1")));
    assert_eq!((broken.requests().len(), working.requests().len()), (1, 1));

    let endpoints = RpcEndpoints::new()
        .with_node("moon", node(&broken, "/"))
        .with_node("moon", node(&broken, "/"));
    let (_, log) = rpc(&sandbox_with_nodes(endpoints), "moon", "eth_chainId", "[]")
        .await
        .expect_err("both fail");
    assert_eq!(log.matches("HTTP status 503").count(), 2, "{log}");
}

#[tokio::test]
async fn parameters_that_are_no_json_answer_their_code() {
    let server = Server::with_body("{\"result\":1}").await;
    let sandbox = sandbox_with_nodes(RpcEndpoints::new().with_node("moon", node(&server, "/")));
    let (code, _) = rpc(&sandbox, "moon", "eth_chainId", "[")
        .await
        .expect_err("no JSON");
    assert_eq!(code, -11);
    assert!(server.requests().is_empty());
}
