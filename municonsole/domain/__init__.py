"""The words of the trade: values, records, errors and text rules. Standard library only."""
