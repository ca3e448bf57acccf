"""People outside the room: what users, executives, partners and other customers notice, ask and report."""
