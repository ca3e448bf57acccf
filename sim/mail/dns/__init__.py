"""How DNS answers live, grow old and are replaced: caches, authorities, populations. Pure, in integer ms."""
