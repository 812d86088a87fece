//! Spans arrive at a collector, under the trace that they were told to follow.

use std::time::Duration;

use axum::{Router, body::Bytes, routing::post};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use tokio::{net::TcpListener, sync::mpsc, time::timeout};
use tracing_subscriber::layer::SubscriberExt as _;
use valence_coprocessor_telemetry::{Exporter, TraceContext, context_of, current, follow, within};

/// A collector that hands on what it is sent.
async fn collector() -> (url::Url, mpsc::UnboundedReceiver<ExportTraceServiceRequest>) {
    let (sender, received) = mpsc::unbounded_channel();
    let take = move |body: Bytes| async move {
        let request = ExportTraceServiceRequest::decode(body).expect("OTLP");
        sender.send(request).expect("the test listens");
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let router = Router::new().route("/v1/traces", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let url = format!("http://{address}").parse().expect("a URL");
    (url, received)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_follows_the_trace_that_was_handed_on() {
    let (url, mut received) = collector().await;
    let exporter = Exporter::new(&url, "test", "1".to_owned()).expect("an exporter");
    let subscriber = tracing_subscriber::registry().with(exporter.layer());
    let handed = TraceContext::random();
    let onward = tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("work");
        follow(&span, &handed);
        span.in_scope(|| context_of(&span, TraceContext::random()))
    });
    tokio::task::spawn_blocking(|| exporter.shutdown())
        .await
        .expect("it ends");
    assert_eq!(onward.trace(), handed.trace());
    assert_ne!(onward.span(), handed.span());
    let request = timeout(Duration::from_secs(30), received.recv())
        .await
        .expect("in time")
        .expect("a batch");
    let spans = &request.resource_spans[0].scope_spans[0].spans;
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].name, "work");
    assert_eq!(spans[0].trace_id, handed.trace());
    assert_eq!(spans[0].parent_span_id, handed.span());
    assert_eq!(spans[0].span_id, onward.span());
}

#[test]
fn without_an_exporter_the_context_is_handed_on_as_it_came() {
    let handed = TraceContext::random();
    let span = tracing::info_span!("work");
    follow(&span, &handed);
    assert_eq!(context_of(&span, handed), handed);
}

#[tokio::test]
async fn a_task_knows_the_trace_that_it_works_for() {
    let context = TraceContext::random();
    assert_eq!(current(), None);
    within(context, async {
        assert_eq!(current(), Some(context));
        let inner = TraceContext::random();
        within(inner, async { assert_eq!(current(), Some(inner)) }).await;
        assert_eq!(current(), Some(context));
        let spawned = tokio::spawn(async { current() }).await.expect("it ends");
        assert_eq!(spawned, None);
    })
    .await;
}
