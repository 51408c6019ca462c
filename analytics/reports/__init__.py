"""Reports: what a channel did in a period, as page, PDF, workbook and mail; media kits for advertisers."""
