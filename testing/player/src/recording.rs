//! The table of what was recorded.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde_json::Value;

use crate::PlayerError;

/// Recorded answers by request.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    routes: BTreeMap<String, Arc<Value>>,
    calls: Vec<(String, Value, Value)>,
}

impl Recording {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A GET of this path and query is answered with the JSON of a file.
    pub fn route(self, path_and_query: &str, file: &Path) -> Result<Self, PlayerError> {
        Ok(self.answer(path_and_query, read(file)?))
    }

    /// A GET of this path and query is answered with this.
    #[must_use]
    pub fn answer(self, path_and_query: &str, answer: Value) -> Self {
        self.shared_answer(path_and_query, Arc::new(answer))
    }

    /// The same for an answer that several requests have.
    #[must_use]
    pub fn shared_answer(mut self, path_and_query: &str, answer: Arc<Value>) -> Self {
        self.routes.insert(normal(path_and_query), answer);
        self
    }

    /// A call of this method with these parameters gives this result. Texts are compared without regard
    /// to case, as hexadecimal is written in both.
    #[must_use]
    pub fn call(mut self, method: &str, parameters: Value, result: Value) -> Self {
        self.calls
            .push((method.to_owned(), lower_case(parameters), result));
        self
    }

    pub(crate) fn find_route(&self, path_and_query: &str) -> Option<&Value> {
        self.routes.get(&normal(path_and_query)).map(Arc::as_ref)
    }

    pub(crate) fn knows_method(&self, method: &str) -> bool {
        self.calls.iter().any(|(known, _, _)| known == method)
    }

    pub(crate) fn find_call(&self, method: &str, parameters: &Value) -> Option<&Value> {
        let parameters = lower_case(parameters.clone());
        self.calls
            .iter()
            .find(|(known, wanted, _)| known == method && *wanted == parameters)
            .map(|(_, _, result)| result)
    }
}

/// A JSON file.
pub(crate) fn read(file: &Path) -> Result<Value, PlayerError> {
    let text = std::fs::read(file).map_err(|source| PlayerError::Read {
        path: file.to_owned(),
        source,
    })?;
    serde_json::from_slice(&text).map_err(|source| PlayerError::Json {
        path: file.to_owned(),
        source,
    })
}

/// A part of a JSON file.
pub(crate) fn part(file: &Path, value: &Value, field: &'static str) -> Result<Value, PlayerError> {
    let found = value.pointer(field).cloned();
    found.ok_or_else(|| PlayerError::Field {
        path: file.to_owned(),
        field,
    })
}

fn lower_case(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.to_lowercase()),
        Value::Array(list) => Value::Array(list.into_iter().map(lower_case).collect()),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, lower_case(value)))
            .collect(),
        other => other,
    }
}

/// The parameters of a query may stand in any order.
fn normal(path_and_query: &str) -> String {
    match path_and_query.split_once('?') {
        Some((path, query)) => {
            let mut parameters: Vec<&str> = query.split('&').collect();
            parameters.sort_unstable();
            format!("{path}?{}", parameters.join("&"))
        }
        None => path_and_query.to_owned(),
    }
}
