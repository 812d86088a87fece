//! Spans of the `tracing` crate as parts of a trace.

use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::TraceContext;

/// Makes a span a part of a trace. Where no spans are exported, nothing happens.
pub fn follow(span: &Span, context: &TraceContext) {
    let flags = if context.is_sampled() {
        TraceFlags::SAMPLED
    } else {
        TraceFlags::default()
    };
    let parent = SpanContext::new(
        TraceId::from_bytes(context.trace()),
        SpanId::from_bytes(context.span()),
        flags,
        true,
        TraceState::default(),
    );
    // It fails only where there is no exporter, or the span has ended: then nothing is to be linked.
    let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
}

/// What to hand on so that the next process goes on from this span; `fallback` where no spans are exported.
pub fn context_of(span: &Span, fallback: TraceContext) -> TraceContext {
    let context = span.context();
    let current = context.span().span_context().clone();
    TraceContext::new(
        current.trace_id().to_bytes(),
        current.span_id().to_bytes(),
        current.is_sampled(),
    )
    .unwrap_or(fallback)
}
