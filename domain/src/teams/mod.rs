//! Teams: groups of members inside an organization, nested at most one level.

crate::text::line_type! {
    /// How a team is called.
    TeamName, "name", 100
}
