//! `Exporter`: sends spans to a collector, by OTLP over HTTP.

use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};
use url::Url;

/// Sends spans to a collector, in batches and from a thread of its own: a collector that is slow or gone loses spans and
/// holds nothing up.
#[derive(Debug)]
pub struct Exporter(SdkTracerProvider);

/// Why spans cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExporterError {
    /// The exporter could not be set up.
    #[error("cannot export spans to {url}")]
    Start {
        /// The collector.
        url: Url,
        /// Why.
        source: opentelemetry_otlp::ExporterBuildError,
    },
}

impl Exporter {
    /// An exporter to the OTLP endpoint of a collector, such as `http://127.0.0.1:4318`; spans go to its path
    /// `/v1/traces`. `service` and `instance` name this process there.
    pub fn new(
        collector: &Url,
        service: &'static str,
        instance: String,
    ) -> Result<Self, ExporterError> {
        let endpoint = format!("{}/v1/traces", collector.as_str().trim_end_matches('/'));
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .build()
            .map_err(|source| ExporterError::Start {
                url: collector.clone(),
                source,
            })?;
        let resource = Resource::builder_empty()
            .with_service_name(service)
            .with_attribute(KeyValue::new("service.instance.id", instance))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// The layer that hands spans to this exporter.
    pub fn layer<S: Subscriber + for<'span> LookupSpan<'span>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("valence-coprocessor"))
    }

    /// Sends what is left, and stops.
    pub fn shutdown(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::debug!(%error, "the last spans were not exported");
        }
    }
}
