//! `StoragePath`: the one name of a stored file.

use std::fmt;

use crate::EngineError;

/// The longest path in bytes.
const LIMIT: usize = 512;

/// A normalised absolute path: `/a/b`, never empty, without `.`, `..`, empty parts, control characters and `\`.
///
/// It names a row of a table and never a file of the machine, so there is nothing to break out of; normalising makes
/// sure that one file has one name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StoragePath(String);

impl StoragePath {
    pub(crate) fn new(path: &str) -> Result<Self, EngineError> {
        let refuse = |reason: &str| {
            Err(EngineError::InvalidPath {
                reason: reason.to_owned(),
            })
        };
        if path.len() > LIMIT {
            return refuse("it is longer than 512 bytes");
        }
        if path
            .chars()
            .any(|character| character.is_control() || character == '\\')
        {
            return refuse("it has a control character or a backslash");
        }
        let mut normalised = String::with_capacity(path.len() + 1);
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if part == "." || part == ".." {
                return refuse("it has a part `.` or `..`");
            }
            normalised.push('/');
            normalised.push_str(part);
        }
        if normalised.is_empty() {
            return refuse("it names no file");
        }
        Ok(Self(normalised))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StoragePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::StoragePath;

    #[test]
    fn one_file_has_one_name() {
        for name in [
            "/var/share/a.bin",
            "var/share/a.bin",
            "//var///share/a.bin",
            "/var/share/a.bin/",
        ] {
            let path = StoragePath::new(name).expect("a fine name");
            assert_eq!(path.as_str(), "/var/share/a.bin");
        }
    }

    #[test]
    fn attack_c9_odd_names_are_refused() {
        let long = "a".repeat(513);
        for name in [
            "", "/", "///", "..", "/a/../b", "/a/./b", "/a/..", "a\\b", "a\0b", "a\nb", &long,
        ] {
            let error = StoragePath::new(name).expect_err("an odd name");
            assert_eq!(error.code(), "invalid_path", "{name}");
        }
    }
}
