//! Rows of `docs/LIARS.md` about the documents.

use super::Row;

#[rustfmt::skip]
pub(super) const LIARS: &[Row] = &[
    (&[67], "a node that makes up a token defeats the fence", "forged-token"),
    (&[66], "unless the granter has sealed it", "sealed-token"),
    (&[68], "it says that it has not received what it has", "never-received"),
    (&[68], "the generals: three cannot agree while one of them lies", "three-cannot"),
    (&[68], "four can", "four-can"),
    (&[69], "a system that bears liars: PBFT", "pbft-three-phases"),
];
