//! Keys and values: short strings that are cheap to clone.

quorate_protocol::short_string! {
    /// Value of a register: any string. Cloning it does not copy the string.
    pub Value
}

quorate_protocol::short_string! {
    /// Name of a register: `x`, `stock`. Cloning it does not copy the string.
    pub Key
}
