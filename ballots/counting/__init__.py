"""The counting room: one file a rule, pure functions from votes to an explained outcome."""
