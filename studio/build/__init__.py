"""From a project to torch: plan, shapes, rules, network, summary."""
