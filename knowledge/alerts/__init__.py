"""Being told of new works: feeds, saved searches and their mails; what was asked and not found."""
