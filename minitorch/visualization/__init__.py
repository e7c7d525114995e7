"""Looking inside: the graph behind a tensor as text or as a drawing, and the table of a net's layers."""

from minitorch.visualization.graph import Graph as Graph, graph as graph
from minitorch.visualization.summary import Summary as Summary, summary as summary
