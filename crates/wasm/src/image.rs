//! The imports `get_storage` and `set_storage` show all files as one FAT16 image, as crate `buf-fs` makes it.
//!
//! Images are built by that crate. They are read by our own reader, because a controller can hand in any bytes.

mod reader;

use std::collections::{BTreeMap, BTreeSet};

use buf_fs::{File, FileSystem};
use thiserror::Error;

use crate::host::{FileChanges, StoredFile};

/// The size that an image claims; it holds only the blocks that are used.
const VOLUME_BYTES: usize = 256 * 1024 * 1024;

/// Why an image could not be built or read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum ImageError {
    #[error(
        "the file `{path}` does not fit a FAT image: names have at most 8 characters and extensions 3; use get_storage_file"
    )]
    Name { path: String },
    #[error("the files `{first}` and `{second}` have the same name in a FAT image")]
    Ambiguous { first: String, second: String },
    #[error("the image could not be built: {reason}")]
    Build { reason: String },
    #[error("the image is malformed: {reason}")]
    Malformed { reason: &'static str },
}

/// A path as a FAT image shows it: components in upper case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FatPath(Vec<String>);

impl FatPath {
    /// The path in an image, if the image can hold it.
    fn of(path: &str) -> Option<Self> {
        let components: Vec<String> = path
            .trim_start_matches('/')
            .split('/')
            .map(|component| is_fat_name(component).then(|| component.to_ascii_uppercase()))
            .collect::<Option<_>>()?;
        Some(Self(components))
    }

    /// The path under which a file that only the image has is stored.
    fn stored(&self) -> String {
        format!("/{}", self.0.join("/").to_ascii_lowercase())
    }
}

/// The image of these files.
pub(crate) fn build(files: &[StoredFile]) -> Result<Vec<u8>, ImageError> {
    let failed = |error: &dyn std::fmt::Display| ImageError::Build {
        reason: error.to_string(),
    };
    let mut seen: BTreeMap<FatPath, &str> = BTreeMap::new();
    let mut system = FileSystem::new(VOLUME_BYTES).map_err(|error| failed(&error))?;
    for file in files {
        let path = FatPath::of(&file.path).ok_or_else(|| ImageError::Name {
            path: file.path.clone(),
        })?;
        if let Some(first) = seen.insert(path.clone(), &file.path) {
            let (first, second) = (first.to_owned(), file.path.clone());
            return Err(ImageError::Ambiguous { first, second });
        }
        let path = format!("/{}", path.0.join("/"));
        let file = File::new(path.as_str().into(), file.contents.clone(), true);
        system.save(file).map_err(|error| failed(&error))?;
    }
    system.try_to_raw_device().map_err(|error| failed(&error))
}

/// What an image changes in the stored files. Files that no image can show stay as they are.
pub(crate) fn changes(stored: &[StoredFile], image: &[u8]) -> Result<FileChanges, ImageError> {
    let mut shown: BTreeMap<FatPath, &StoredFile> = BTreeMap::new();
    for file in stored {
        if let Some(path) = FatPath::of(&file.path) {
            shown.insert(path, file);
        }
    }
    let mut changes = FileChanges::default();
    let mut present = BTreeSet::new();
    for (components, contents) in reader::files(image)? {
        let path = FatPath(components);
        match shown.get(&path) {
            Some(file) if file.contents == contents => {}
            Some(file) => changes.write.push(StoredFile {
                path: file.path.clone(),
                contents,
            }),
            None => changes.write.push(StoredFile {
                path: path.stored(),
                contents,
            }),
        }
        present.insert(path);
    }
    let gone = shown
        .into_iter()
        .filter(|(path, _)| !present.contains(path));
    changes.delete = gone.map(|(_, file)| file.path.clone()).collect();
    Ok(changes)
}

/// Whether a component is a name of at most 8 characters with an extension of at most 3.
fn is_fat_name(component: &str) -> bool {
    let (name, extension) = component.split_once('.').unwrap_or((component, ""));
    let dotted = component.contains('.');
    let valid = |part: &str| part.bytes().all(is_fat_character);
    (1..=8).contains(&name.len())
        && extension.len() <= 3
        && (!dotted || !extension.is_empty())
        && valid(name)
        && valid(extension)
}

fn is_fat_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'()-@^_`{}~".contains(&byte)
}
