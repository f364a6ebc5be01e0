"""One server: the overlays as systemd units through Quadlet, and rollouts between two colours that lose nothing."""
