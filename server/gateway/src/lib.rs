//! The data plane: authenticate, route, forward, meter, settle, journal.
