//! Reads every file of a FAT16 image in a partition table, as `buf-fs` and ordinary tools write it. The image comes
//! from a controller: every offset is checked, chains and depth are bounded, and bytes past the end are zero because
//! `buf-fs` leaves them out.

use super::ImageError;

/// How deep folders may nest.
const DEPTH: usize = 16;

/// Files and folders that are read at most.
const ENTRIES: usize = 100_000;

/// Bytes of files that are read at most; an image cannot hold more than it has, unless files share clusters.
const BYTES: usize = 32 * 1024 * 1024;

const SECTOR: usize = 512;
const ENTRY: usize = 32;
const FOLDER: u8 = 0x10;
const LABEL: u8 = 0x08;
const LAST_CLUSTER: u16 = 0xfff8;

/// Where things are in the image.
struct Volume<'a> {
    image: &'a [u8],
    table: usize,
    data: usize,
    cluster_bytes: usize,
    clusters: usize,
    entries: usize,
    bytes: usize,
}

/// A file: the components of its path, and its bytes.
pub(super) type ImageFile = (Vec<String>, Vec<u8>);

/// Every file of the image.
pub(super) fn files(image: &[u8]) -> Result<Vec<ImageFile>, ImageError> {
    let (mut volume, root) = Volume::open(image)?;
    let mut files = Vec::new();
    volume.folder(&root, &mut Vec::new(), &mut files)?;
    Ok(files)
}

impl<'a> Volume<'a> {
    /// The volume of the first partition, and its root folder.
    fn open(image: &'a [u8]) -> Result<(Self, Vec<u8>), ImageError> {
        let malformed = |reason| ImageError::Malformed { reason };
        if bytes::<2>(image, 0x1fe) != [0x55, 0xaa] {
            return Err(malformed("it has no partition table"));
        }
        let start = u32::from_le_bytes(bytes(image, 0x1be + 8)) as usize;
        let base = start
            .checked_mul(SECTOR)
            .ok_or(malformed("the partition starts nowhere"))?;
        let short = |offset| usize::from(u16::from_le_bytes(bytes(image, base + offset)));
        let [sectors_per_cluster] = bytes::<1>(image, base + 0x0d);
        let [tables] = bytes::<1>(image, base + 0x10);
        if short(0x0b) != SECTOR || sectors_per_cluster == 0 || tables == 0 {
            return Err(malformed(
                "the partition is not FAT16 with sectors of 512 bytes",
            ));
        }
        let large = u32::from_le_bytes(bytes(image, base + 0x20)) as usize;
        let sectors = if short(0x13) == 0 { large } else { short(0x13) };
        let root_bytes = (short(0x11) * ENTRY).next_multiple_of(SECTOR);
        let table = base + short(0x0e) * SECTOR;
        let root = table + usize::from(tables) * short(0x16) * SECTOR;
        let cluster_bytes = usize::from(sectors_per_cluster) * SECTOR;
        let data = root + root_bytes;
        let clusters = (sectors * SECTOR).saturating_sub(data - base) / cluster_bytes;
        let volume = Self {
            image,
            table,
            data,
            cluster_bytes,
            clusters: clusters.min(usize::from(u16::MAX)),
            entries: 0,
            bytes: 0,
        };
        Ok((volume, padded(image, root, root_bytes)))
    }

    fn folder(
        &mut self,
        folder: &[u8],
        path: &mut Vec<String>,
        files: &mut Vec<ImageFile>,
    ) -> Result<(), ImageError> {
        if path.len() >= DEPTH {
            return Err(ImageError::Malformed {
                reason: "folders are nested too deeply",
            });
        }
        for entry in folder.as_chunks::<ENTRY>().0 {
            match entry[0] {
                0x00 => break,
                0xe5 | b'.' => continue,
                _ if entry[11] & LABEL != 0 => continue,
                _ => {}
            }
            self.count()?;
            path.push(name(entry)?);
            let first = u16::from_le_bytes([entry[26], entry[27]]);
            if entry[11] & FOLDER == 0 {
                let size = u32::from_le_bytes([entry[28], entry[29], entry[30], entry[31]]);
                let contents = self.chain(first, Some(size as usize))?;
                files.push((path.clone(), contents));
            } else {
                let inner = self.chain(first, None)?;
                self.folder(&inner, path, files)?;
            }
            path.pop();
        }
        Ok(())
    }

    /// The bytes of a chain of clusters: as many as a file has, or all that a folder has.
    fn chain(&mut self, first: u16, size: Option<usize>) -> Result<Vec<u8>, ImageError> {
        let malformed = |reason| ImageError::Malformed { reason };
        let mut contents = Vec::new();
        let mut cluster = first;
        let mut steps = 0;
        while size.is_none_or(|size| contents.len() < size) {
            let index = usize::from(cluster);
            if index < 2 || index >= self.clusters + 2 {
                return Err(malformed("a chain of clusters leaves the volume"));
            }
            steps += 1;
            self.bytes += self.cluster_bytes;
            if steps > self.clusters || self.bytes > BYTES {
                return Err(malformed("a chain of clusters does not end"));
            }
            let start = self.data + (index - 2) * self.cluster_bytes;
            contents.extend_from_slice(&padded(self.image, start, self.cluster_bytes));
            cluster = u16::from_le_bytes(bytes(self.image, self.table + index * 2));
            if size.is_none() && cluster >= LAST_CLUSTER {
                break;
            }
        }
        if let Some(size) = size {
            contents.truncate(size);
        }
        Ok(contents)
    }

    fn count(&mut self) -> Result<(), ImageError> {
        self.entries += 1;
        if self.entries > ENTRIES {
            return Err(ImageError::Malformed {
                reason: "it holds too many files",
            });
        }
        Ok(())
    }
}

/// The short name of an entry.
fn name(entry: &[u8; ENTRY]) -> Result<String, ImageError> {
    let part = |bytes: &[u8]| {
        let bytes = bytes.trim_ascii_end();
        bytes
            .iter()
            .all(|&byte| super::is_fat_character(byte))
            .then(|| String::from_utf8_lossy(bytes).to_ascii_uppercase())
    };
    let (Some(stem), Some(extension)) = (part(&entry[..8]), part(&entry[8..11])) else {
        return Err(ImageError::Malformed {
            reason: "a name has characters that FAT forbids",
        });
    };
    match (stem.is_empty(), extension.is_empty()) {
        (true, _) => Err(ImageError::Malformed {
            reason: "a name is empty",
        }),
        (false, true) => Ok(stem),
        (false, false) => Ok(format!("{stem}.{extension}")),
    }
}

/// Bytes at an offset, zero where the image ends.
fn bytes<const N: usize>(image: &[u8], offset: usize) -> [u8; N] {
    let mut bytes = [0; N];
    let present = image.get(offset..).unwrap_or_default();
    let length = present.len().min(N);
    bytes[..length].copy_from_slice(&present[..length]);
    bytes
}

fn padded(image: &[u8], offset: usize, length: usize) -> Vec<u8> {
    let present = image.get(offset..).unwrap_or_default();
    let mut bytes = present[..present.len().min(length)].to_vec();
    bytes.resize(length, 0);
    bytes
}
