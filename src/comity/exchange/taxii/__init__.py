"""Messages on the wire: a TAXII 2.1 server and client over HTTPS, and what brings messages over."""
