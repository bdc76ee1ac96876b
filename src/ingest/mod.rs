//! ROLE: frame, route, watermark.
