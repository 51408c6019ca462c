"""The sections of a channel's page. Each asks the questions of the API and puts their answers into words and tables."""
