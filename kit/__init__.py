"""The ground every package stands on: settings, database, web, forms, text, money, clock."""
