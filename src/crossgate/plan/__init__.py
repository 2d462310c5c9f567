"""A typed model compiled into a plan: frozen, printable, comparable; routes and the order of stages live here."""
