"""The ledger of indicators: figures with definitions, dates, sources and disagreements."""
