"""Ways out of the building: each channel carries a Parcel and answers Sent, Later or Never."""
