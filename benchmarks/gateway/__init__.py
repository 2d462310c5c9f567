"""The gateway beside nginx, haproxy and a Go reverse proxy: same machine, same run, one core for each side."""
