//! Names and values: short strings that are cheap to clone.

quorate_protocol::short_string! {
    /// Value written to a resource: any string. Cloning it does not copy the string.
    pub Value
}

quorate_protocol::short_string! {
    /// Name of a lease in a table, or of a key: `orders`, `shard-7`. Cloning it does not copy the
    /// string.
    pub Name
}
